import { describe, expect, it } from '@jest/globals';
import { errorOf, issuesOf, loadWith } from './refusal.ts';

const right = {
  NODE_ENV: 'production',
  ISSUER: 'https://auth.example.com/mcp',
  COOKIE_KEYS: 'mVxq0u9Zr4sT2yK8bN6cW1eJ5hL7pD3f',
  STORE_SECRET: 'Qd8vS3nB6mX1zL5kJ9hG4fD7sA2pO0iU',
  DEMO: '0',
};
const remedy = 'use a random value, e.g. the output of openssl rand -base64 32';

describe('production', () => {
  it('starts when every development default is replaced', () => {
    expect(loadWith(right)).toMatchObject({ production: true, demo: false, issuer: right.ISSUER });
    expect(loadWith({ ...right, DEMO: 'false' }).demo).toBe(false);
  });

  it('tells balancers for five seconds that it stops, unless it is told for how long (R118)', () => {
    expect(loadWith(right).shutdownDelay).toBe(5);
    expect(loadWith({ ...right, SHUTDOWN_DELAY: '0' }).shutdownDelay).toBe(0);
  });

  it('refuses every development default by name', () => {
    expect(errorOf({ NODE_ENV: 'production' }).message).toBe(
      [
        'This server cannot start: 4 settings need attention.',
        '  ISSUER        is missing: the public URL of this server, e.g. https://auth.example.com/mcp',
        '  COOKIE_KEYS   is missing: the keys that sign cookies, e.g. the output of openssl rand -base64 32',
        '  STORE_SECRET  is missing: the secret that keys the hashes and the encryption at rest, e.g. the output of openssl rand -base64 32',
        '  DEMO          is on by default; production refuses it: set DEMO=0',
      ].join('\n'),
    );
  });

  it.each(['ISSUER', 'COOKIE_KEYS', 'STORE_SECRET', 'DEMO'])('refuses an empty %s, too', (name) => {
    expect(issuesOf({ ...right, [name]: '' }).map(({ where }) => where)).toEqual([name]);
  });

  it.each(['1', 'true'])('refuses DEMO=%s', (demo) => {
    const sentence = 'is on; production refuses it: set DEMO=0';
    expect(issuesOf({ ...right, DEMO: demo })).toEqual([{ where: 'DEMO', sentence }]);
  });

  it('refuses a secret that is one character repeated', () => {
    const variables = { ...right, COOKIE_KEYS: `${right.COOKIE_KEYS},${'x'.repeat(40)}`, STORE_SECRET: '0'.repeat(32) };
    expect(issuesOf(variables)).toEqual([
      { where: 'COOKIE_KEYS', sentence: `key 2 is one character repeated: ${remedy}` },
      { where: 'STORE_SECRET', sentence: `is one character repeated: ${remedy}` },
    ]);
  });

  it('is what NODE_ENV=production says, and nothing else', () => {
    const weak = { COOKIE_KEYS: 'x'.repeat(32), STORE_SECRET: 'x'.repeat(32) };
    expect(loadWith({ ...weak, NODE_ENV: 'development' }).production).toBe(false);
    expect(loadWith({ ...weak, NODE_ENV: 'test' }).demo).toBe(true);
  });
});
