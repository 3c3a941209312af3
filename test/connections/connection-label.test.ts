import { describe, expect, it } from '@jest/globals';
import { cleanLabel, presentBrowser, proposeLabel } from '../../src/connections/index.ts';
import { createMessages } from '../../src/messages/index.ts';

const agents = {
  'Chrome on Mac':
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  'Safari on iPhone':
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
  'Safari on Mac':
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15',
  'Edge on Windows':
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0',
  'Firefox on Linux': 'Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0',
  'Chrome on Android':
    'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
  'Firefox on iPhone':
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/142.0 Mobile/15E148 Safari/605.1.15',
  'Chrome on Chromebook':
    'Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  'Opera on Windows':
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 OPR/124.0.0.0',
};

describe('a browser', () => {
  const { say } = createMessages().for('en');
  const from = (userAgent: string) => presentBrowser({ userAgent, address: '192.0.2.1' }, say);

  it.each(Object.entries(agents))('is described as %s', (described, userAgent) =>
    expect(from(userAgent)).toBe(`${described}, 192.0.2.1`),
  );

  it.each(['', 'curl/8.5', 'Machine on iPhones'])('that does not say what it is, is not described: %j', (userAgent) =>
    expect(from(userAgent)).toBe('192.0.2.1'),
  );
});

describe('the name proposed for a connection', () => {
  const userAgent = agents['Chrome on Mac'];

  it.each([
    ['names tool and device', 'Claude Code', { userAgent, hosted: false }, 'Claude Code on Mac'],
    ['of a tool on a website is its name alone', 'Claude', { userAgent, hosted: true }, 'Claude'],
    ['on an unknown device is its name alone', 'Cursor', { userAgent: 'curl/8.5', hosted: false }, 'Cursor'],
    ['is one line', 'A\n\u2028tool', { userAgent: '', hosted: false }, 'A tool'],
    ['is never empty', '\u200B', { userAgent: '', hosted: false }, 'A tool'],
  ])('%s', (_rule, clientName, device, expected) => {
    const english = { on: (tool: string, on: string) => `${tool} on ${on}`, unnamed: 'A tool' };
    expect(proposeLabel(clientName, { ...device, ...english })).toBe(expected);
  });
});

describe('a name', () => {
  it.each([
    ['in any script', '  日本語の道具 ', '日本語の道具'],
    ['that is too long is cut between characters', '🛠'.repeat(90), '🛠'.repeat(80)],
    ['with a lone surrogate is repaired', 'a\uD800b', 'a\uFFFDb'],
  ])('%s', (_rule, text, expected) => expect(cleanLabel(text)).toBe(expected));

  it.each(['', ' \t ', '\u200B\u2060'])('with nothing to see is none: %j', (text) =>
    expect(cleanLabel(text)).toBeUndefined(),
  );
});
