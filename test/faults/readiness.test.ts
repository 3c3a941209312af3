import { renameSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { createClock } from '../../src/clock.ts';
import { eventually } from '../support/eventually.ts';
import { startRedis } from '../support/redis.ts';
import { startServer, type TestServer } from '../support/server.ts';

const readiness = async (server: TestServer) => {
  const response = await fetch(`${server.origin}/readyz`);
  return { status: response.status, text: ((await response.json()) as { status: string }).status };
};
const becomes = (server: TestServer, status: number) =>
  eventually(async () => (await readiness(server)).status === status);
const said = ({ logLines }: TestServer, event: string) => logLines.filter((line) => line.event === event);

/** Each has a server of its own, and waits more than it works: they run beside each other. */
describe('/readyz (R115)', () => {
  it.concurrent.each([
    ['is full', ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0']],
    ['has become a replica', ['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE']],
  ])('is 503 while Redis %s, which is said once, and once when it is over', async (_what, breaking, mending) => {
    await using redis = await startRedis();
    await using server = await startServer({ env: { REDIS_URL: redis.url } });
    const operator = new Redis(redis.url);
    expect((await readiness(server)).status).toBe(200);

    await operator.call(...(breaking as [string, ...string[]]));
    await becomes(server, 503);
    await becomes(server, 503);
    await operator.call(...(mending as [string, ...string[]]));
    await becomes(server, 200);
    operator.disconnect();

    expect(said(server, 'store')).toEqual([expect.objectContaining({ level: 40, err: expect.anything() })]);
    expect(said(server, 'store.back')).toEqual([expect.objectContaining({ level: 40 })]);
  });

  it.concurrent.each(['deleted', 'replaced'])(
    'is 503 once the database file was %s, without being asked',
    async (what) => {
      const folder = await mkdtemp(join(tmpdir(), 'database-'));
      const file = join(folder, 'auth.db');
      await using server = await startServer({ env: { DATABASE: file } });
      await using _other = await startServer({ env: { DATABASE: join(folder, 'other.db') } });
      expect((await readiness(server)).status).toBe(200);

      if (what === 'deleted') rmSync(file);
      else renameSync(join(folder, 'other.db'), file);
      await eventually(() => said(server, 'store').length === 1);

      expect((await readiness(server)).status).toBe(503);
      expect(JSON.stringify(said(server, 'store'))).toContain(what);
      await rm(folder, { recursive: true, force: true });
    },
  );

  it.concurrent.each([
    [14, 200],
    [-14, 200],
    [60, 503],
    [-60, 503],
  ])('knows a clock that is %i s off the one of the store, and says so (R124): %i', async (seconds, status) => {
    await using redis = await startRedis();
    const clock = createClock(() => Date.now() + seconds * 1000);
    await using server = await startServer({ env: { REDIS_URL: redis.url }, parts: { clock } });
    expect((await readiness(server)).status).toBe(status);
    expect(said(server, 'clock')).toEqual([expect.objectContaining({ level: 40 })]);
  });
});
