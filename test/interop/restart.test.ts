import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { createTestClock, minutes } from '../support/clock.ts';
import { freePort } from '../support/redis.ts';
import { testStores } from '../support/test-store.ts';
import { install, labRows, startLab } from './client-lab.ts';

const { clock, pass } = createTestClock();

describe.each(labRows)('$client, $registration', (row) => {
  it('goes on without the browser when the server was restarted, renewal included', async () => {
    await using kept = await testStores.SQLite();
    const port = await freePort();
    const before = await startLab({ env: kept.env, parts: { clock }, port });
    await using installed = install(row, before);
    const { tool, browser, wire } = installed;
    const { connection } = await tool.call('whoami');
    await before.close();
    // Client and server share one event loop here: the client must get a turn to see that its sockets are closed.
    await setImmediate();

    await using _after = await startLab({ env: kept.env, parts: { clock }, port });
    expect(await tool.call('whoami')).toMatchObject({ connection });
    expect(wire.count('POST /mcp/oauth/token 200')).toBe(1);

    pass(minutes(61));
    expect(await tool.call('whoami')).toMatchObject({ connection });
    expect(wire.count('POST /mcp/oauth/token 200')).toBe(2);
    expect(browser.visits).toHaveLength(1);
  });
});
