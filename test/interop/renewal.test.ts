import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createTestClock, days, minutes } from '../support/clock.ts';
import { shared } from '../support/shared.ts';
import { install, labRows, selfRegistered, startLab } from './client-lab.ts';

const { clock, pass } = createTestClock();
const server = shared(() => startLab({ parts: { clock } }));
// 2.x says on the console that it forgets the tokens.
beforeEach(() => void jest.spyOn(console, 'warn').mockReturnValue());
afterEach(() => void jest.restoreAllMocks());

describe.each(labRows)('$client, $registration', (row) => {
  it('renews silently an hour later, and an hour after that', async () => {
    await using installed = install(row, server);
    const { tool, browser, wire, tokens } = installed;
    const { connection } = await tool.call('whoami');
    const first = tokens().refresh_token;

    for (const hour of [1, 2]) {
      pass(minutes(61));
      expect(await tool.call('whoami')).toMatchObject({ connection });
      expect(wire.count('POST /mcp 401 invalid_token')).toBe(hour);
    }
    expect(wire.count('POST /mcp/oauth/token 200')).toBe(3);
    expect(tokens().refresh_token).not.toBe(first);
    expect(browser.visits).toHaveLength(1);
  });

  it('does not renew while its access token is good', async () => {
    await using installed = install(row, server);
    await installed.tool.call('whoami');
    pass(minutes(59));
    await installed.tool.call('whoami');

    expect(installed.wire.count('POST /mcp/oauth/token')).toBe(1);
  });

  it('sends its person to the browser once after a revocation, and is connected again', async () => {
    await using installed = install(row, server);
    const { tool, browser, wire, revoke } = installed;
    const { connection } = await tool.call('whoami');
    await revoke();
    pass(minutes(61));

    const again = await tool.call('whoami');
    expect(again).toMatchObject({ organization: { slug: 'acme' } });
    expect(again.connection).not.toBe(connection);
    expect(wire.count('POST /mcp/oauth/token 400')).toBe(1);
    expect(browser.visits).toHaveLength(2);

    await tool.call('list_projects');
    expect(browser.visits).toHaveLength(2);
    const warnings = jest.mocked(console.warn).mock.calls.flat();
    expect(warnings.filter((text) => !String(text).includes('invalid_grant'))).toEqual([]);
  });

  it('sends its person to the browser after 30 days without use, not after 29', async () => {
    await using installed = install(row, server);
    const { tool, browser } = installed;
    await tool.call('whoami');

    pass(days(29));
    await tool.call('whoami');
    expect(browser.visits).toHaveLength(1);

    pass(days(30));
    await tool.call('whoami');
    expect(browser.visits).toHaveLength(2);
  });
});

describe.each(selfRegistered)('$client', (row) => {
  it('stays connected in two processes that renew with the same refresh token at the same time', async () => {
    await using first = install(row, server);
    await first.tool.call('whoami');
    await using second = install(row, server, { installation: first.installation.copy() });

    for (let round = 0; round < 50; round += 1) {
      pass(minutes(61));
      const [one, two] = await Promise.all([first.tool.call('whoami'), second.tool.call('whoami')]);
      expect(one).toEqual(two);
      expect(first.tokens().refresh_token).toBe(second.tokens().refresh_token);
    }
    expect(first.wire.count('POST /mcp/oauth/token 200')).toBe(51);
    expect(second.wire.count('POST /mcp/oauth/token 200')).toBe(50);
    expect([...first.browser.visits, ...second.browser.visits]).toHaveLength(1);
  });

  it('stays connected when it makes five calls at the moment of its renewal', async () => {
    await using installed = install(row, server);
    const { tool, browser } = installed;
    const { connection } = await tool.call('whoami');

    for (let round = 0; round < 20; round += 1) {
      pass(minutes(61));
      const calls = await Promise.allSettled([1, 2, 3, 4, 5].map(() => tool.call('whoami')));
      // 1.x gives up a call whose 401 arrives after the renewal that another call of its own began.
      const failed = calls.filter((call) => call.status === 'rejected').map(({ reason }) => reason.message);
      expect(failed.filter((message) => !message.endsWith('401 after successful authentication'))).toEqual([]);
      expect(await tool.call('whoami')).toMatchObject({ connection });
    }
    expect(browser.visits).toHaveLength(1);
  });

  it('loses the connection when a copy presents an old refresh token after the grace', async () => {
    await using owner = install(row, server);
    await owner.tool.call('whoami');
    const installation = owner.installation.copy();
    await using thief = install(row, server, { installation, actions: { declines: true } });
    pass(minutes(61));
    await owner.tool.call('whoami');
    pass(minutes(61));

    await expect(thief.tool.call('whoami')).rejects.toThrow();
    await owner.tool.call('whoami');
    expect(owner.browser.visits).toHaveLength(2);
  });
});
