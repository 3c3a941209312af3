import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestClock, minutes } from '../support/clock.ts';
import { untilReady } from '../support/eventually.ts';
import { temporaryFolder } from '../support/process.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import type { TestServer } from '../support/server.ts';
import { install, labRows, startLab } from './client-lab.ts';

const { clock, pass } = createTestClock();
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let redis: RedisServer;
let server: TestServer;

const launchRedis = (port?: number) =>
  startRedis({
    directory: folder.path,
    appendOnly: true,
    configuration: 'appendfsync always\n',
    ...(port && { port }),
  });

/** Whatever comes of it, whoever is next finds the store again. */
async function whileAway(formAction: () => Promise<void>): Promise<void> {
  await redis.kill();
  try {
    await formAction();
  } finally {
    redis = await launchRedis(redis.port);
    await untilReady(server);
  }
}

beforeAll(async () => {
  folder = await temporaryFolder();
  redis = await launchRedis();
  server = await startLab({ env: { REDIS_URL: redis.url }, parts: { clock } });
});
afterAll(async () => {
  await server.close();
  await redis.stop();
  await folder[Symbol.asyncDispose]();
});

describe.each(labRows.filter(({ registration }) => registration === 'registered by itself'))('$client', (row) => {
  it('neither forgets its tokens nor opens the browser while the store is away (R63)', async () => {
    await using installed = install(row, server);
    const { tool, browser, wire, installation } = installed;
    const { connection } = await tool.call('whoami');
    const tokens = installation.find('tokens');
    await whileAway(async () => {
      expect(await tool.call('whoami')).toMatchObject({ connection });
      pass(minutes(61));
      await expect(tool.call('whoami')).rejects.toThrow();
      expect(wire.count('POST /mcp/oauth/token 503')).toBe(1);
      expect(installation.find('tokens')).toEqual(tokens);
    });

    expect(await tool.call('whoami')).toMatchObject({ connection });
    expect(browser.visits).toHaveLength(1);
  });
});
