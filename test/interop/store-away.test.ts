import { describe, expect, it } from '@jest/globals';
import { createTestClock, minutes } from '../support/clock.ts';
import { untilReady } from '../support/eventually.ts';
import { temporaryFolder } from '../support/process.ts';
import { startRedis } from '../support/redis.ts';
import { shared } from '../support/shared.ts';
import { install, selfRegistered, startLab } from './client-lab.ts';

const { clock, pass } = createTestClock();
const folder = shared(temporaryFolder);
const store = shared(async () => {
  const kept = { directory: folder.path, appendOnly: true, configuration: 'appendfsync always\n' };
  let redis = await startRedis(kept);
  return {
    url: redis.url,
    /** Whatever comes of it, whoever is next finds the store again. */
    async whileAway(action: () => Promise<void>) {
      await redis.kill();
      await action().finally(async () => {
        redis = await startRedis({ ...kept, port: redis.port });
        await untilReady(server);
      });
    },
    close: () => redis.stop(),
  };
});
const server = shared(() => startLab({ env: { REDIS_URL: store.url }, parts: { clock } }));

describe.each(selfRegistered)('$client', (row) => {
  it('neither forgets its tokens nor opens the browser while the store is away (R63)', async () => {
    await using installed = install(row, server);
    const { tool, browser, wire, tokens } = installed;
    const { connection } = await tool.call('whoami');
    const before = tokens();
    await store.whileAway(async () => {
      expect(await tool.call('whoami')).toMatchObject({ connection });
      pass(minutes(61));
      await expect(tool.call('whoami')).rejects.toThrow();
      expect(wire.count('POST /mcp/oauth/token 503')).toBe(1);
      expect(tokens()).toEqual(before);
    });

    expect(await tool.call('whoami')).toMatchObject({ connection });
    expect(browser.visits).toHaveLength(1);
  });
});
