import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createClock } from '../../src/clock.ts';
import { operatorOf } from '../support/closing.ts';
import { eventually } from '../support/eventually.ts';
import { startRedis } from '../support/redis.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { temporaryFolder } from '../support/spawned-server.ts';
import { mayMount, mountSmallDisk } from './lab/small-disk.ts';

const readiness = async ({ origin }: TestServer) => (await fetch(`${origin}/readyz`)).status;
const becomes = (server: TestServer, status: number) => eventually(async () => (await readiness(server)) === status);
const said = ({ logLines }: TestServer, event: string) => logLines.filter((line) => line.event === event);
function expectOneOutage(server: TestServer) {
  expect(said(server, 'store')).toEqual([expect.objectContaining({ level: 40, err: expect.anything() })]);
  expect(said(server, 'store.back')).toEqual([expect.objectContaining({ level: 40 })]);
}

/** Each has a server of its own, and waits more than it works: they run beside each other. */
describe('/readyz (R115)', () => {
  it.concurrent.each([
    ['is full', 'CONFIG SET maxmemory 1', 'CONFIG SET maxmemory 0'],
    ['has become a replica', 'REPLICAOF 127.0.0.1 1', 'REPLICAOF NO ONE'],
    ['lets its user write no more', 'ACL SETUSER default -set', 'ACL SETUSER default +set'],
    ['gives its user other keys', 'ACL SETUSER default resetkeys ~x:*', 'ACL SETUSER default ~*'],
  ])('is 503 while Redis %s, which is said once, and once when it is over', async (_what, breaking, mending) => {
    await using redis = await startRedis();
    await using server = await startServer({ env: { REDIS_URL: redis.url } });
    using operator = operatorOf(redis);
    const turn = (command: string) => operator.call(...(command.split(' ') as [string, ...string[]]));
    expect(await readiness(server)).toBe(200);

    await turn(breaking);
    await becomes(server, 503);
    await becomes(server, 503);
    await turn(mending);
    await becomes(server, 200);

    expectOneOutage(server);
  });

  (mayMount ? it : it.skip)(
    'is 503 while the disk of the database file is full, and 200 again (needs mount)',
    async () => {
      await using disk = await mountSmallDisk();
      await using server = await startServer({ env: { DATABASE: join(disk.path, 'auth.db') } });
      expect(await readiness(server)).toBe(200);
      await disk.fill();
      await becomes(server, 503);
      await disk.free();
      await becomes(server, 200);
      expectOneOutage(server);
    },
  );

  it.concurrent.each(['deleted', 'replaced'])(
    'is 503 once the database file was %s, without being asked',
    async (what) => {
      await using folder = await temporaryFolder();
      const [file, another] = ['auth.db', 'other.db'].map((name) => join(folder.path, name)) as [string, string];
      await using server = await startServer({ env: { DATABASE: file } });
      await using _other = await startServer({ env: { DATABASE: another } });
      expect(await readiness(server)).toBe(200);

      if (what === 'deleted') rmSync(file);
      else renameSync(another, file);
      await eventually(() => said(server, 'store').length === 1);

      expect(await readiness(server)).toBe(503);
      expect(JSON.stringify(said(server, 'store'))).toContain(what);
    },
  );

  it.concurrent.each([
    [4, 200, []],
    [-4, 200, []],
    [14, 200, [40]],
    [-14, 200, [40]],
    [17, 503, [40]],
    [-17, 503, [40]],
  ])('knows a clock that is %i s off the one of the store (R124): %i, warnings %j', async (seconds, status, levels) => {
    await using redis = await startRedis();
    let off = seconds;
    const clock = createClock(() => Date.now() + off * 1000);
    await using server = await startServer({ env: { REDIS_URL: redis.url }, parts: { clock } });
    expect(await readiness(server)).toBe(status);
    const levelsOf = (event: string) => said(server, event).map(({ level }) => level);
    expect([levelsOf('clock'), levelsOf('clock.back')]).toEqual([levels, []]);
    off = 0;
    await becomes(server, 200);
    await eventually(() => levelsOf('clock.back').length === levels.length);
    expect(levelsOf('clock')).toEqual(levels);
  });
});
