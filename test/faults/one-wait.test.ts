import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, jest } from '@jest/globals';
import type { Context } from 'koa';
import { createAdmission } from '../../src/composition/endpoints.ts';
import { createEvents, createLog } from '../../src/operations/index.ts';
import { asOneRequest } from '../../src/storage/index.ts';
import { patienceMs, pauseRequest, Wait } from '../../src/storage/patience.ts';
import { createRedisStore } from '../../src/storage/redis/index.ts';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { closing } from '../support/closing.ts';
import { attendedMs, eventuallyWithin, untilReady } from '../support/eventually.ts';
import { startRedis, startRedisCluster } from '../support/redis.ts';
import { startServer } from '../support/server.ts';
import { temporaryFolder } from '../support/spawned-server.ts';

/** One wait and what is left for whatever is asked after it; three waits would be more. */
const latestMs = 4500;

/** A request whose every question fails, and which asks on. */
function isRefusedInTime(verb: (n: number) => Promise<unknown>): Promise<void> {
  return eventuallyWithin(latestMs, () =>
    asOneRequest(async () => {
      for (let n = 0; n < 3; n += 1)
        await expect(verb(n)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', status: 503 });
    }),
  );
}

describe('a request that asks the store again and again waits for it once in all (R125)', () => {
  it('while one node of a cluster is silent', async () => {
    await using cluster = await startRedisCluster();
    const [first] = cluster.nodes;
    await using store = closing(createRedisStore({ connection: { kind: 'cluster', nodes: cluster.nodes } }));
    // Of the keys of this node: the slot of {b} is 3300.
    await store.write('{b}', '{}');
    process.kill(first?.pid ?? 0, 'SIGSTOP');
    await isRefusedInTime(() => store.read('{b}'));
    await isRefusedInTime((n) => store.count(`{b}${n}`, 60));
    await isRefusedInTime((n) => store.append(`{b}${n}`, '{}', 60));
    process.kill(first?.pid ?? 0, 'SIGCONT');
  });

  it('and is answered by the server in time, whichever node is silent', async () => {
    await using cluster = await startRedisCluster();
    const nodes = cluster.nodes.map(({ host, port }) => `${host}:${port}`).join(',');
    await using server = await startServer({ env: { REDIS_CLUSTER_NODES: nodes } });
    const body = JSON.stringify({ redirect_uris: ['http://127.0.0.1:8765/callback'] });
    const headers = { 'Content-Type': 'application/json' };
    const registers = () => fetch(`${server.issuer}/oauth/register`, { method: 'POST', headers, body });
    expect((await registers()).status).toBe(201);
    for (const { pid } of cluster.nodes) {
      process.kill(pid, 'SIGSTOP');
      const registered = async () => expect([201, 503]).toContain((await registers()).status);
      await eventuallyWithin(latestMs, () => Promise.all(Array.from({ length: 10 }, registered)));
      process.kill(pid, 'SIGCONT');
    }
  });

  it('and not for what its own process was busy with: an answer that has come meanwhile counts', async () => {
    const isBusy = (ms: number) => {
      for (const until = performance.now() + ms; performance.now() < until; );
    };
    await using redis = await startRedis();
    await using store = closing(createRedisStore({ connection: { kind: 'single', url: redis.url } }));
    await store.ping();
    await asOneRequest(async () => {
      const answered = store.now();
      await nextTurn();
      isBusy(2 * patienceMs);
      await expect(answered).resolves.toBeGreaterThan(0);
      expect(new Wait().leftMs).toBeGreaterThan(patienceMs / 2);
    });
  });

  it.each([
    [0.4, patienceMs - 1000],
    [0.9, patienceMs - 100],
  ])(
    'and for all of it where its process was idle for most of the time: busy for %d of it',
    async (utilization, left) => {
      let now = 0;
      jest.spyOn(performance, 'now').mockImplementation(() => now);
      const spent = { active: 1000 * utilization, idle: 1000 * (1 - utilization), utilization };
      jest.spyOn(performance, 'eventLoopUtilization').mockReturnValue(spent);
      const leftMs = asOneRequest(() => {
        const wait = new Wait();
        now += 1000;
        wait.end();
        return new Wait().leftMs;
      });
      jest.restoreAllMocks();
      expect(await leftMs).toBe(left);
    },
  );

  it('as every request of the server does, each for itself', async () => {
    let now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    const admit = createAdmission({
      policy: { limits: { requestsAtOnce: 10 } } as Parameters<typeof createAdmission>[0]['policy'],
      events: createEvents(createLog('silent')),
    });
    const left: number[] = [];
    const asksOn = async () => {
      for (let n = 0; n < 5; n += 1) {
        const wait = new Wait();
        left.push(wait.leftMs);
        now += wait.leftMs;
        wait.end();
      }
    };
    for (let n = 0; n < 2; n += 1) await admit({ path: '/mcp/oauth/token' } as Context, asksOn);
    jest.restoreAllMocks();

    // However much it asks to say what went wrong, it has said so within three seconds.
    const each = [patienceMs, 200, 200, 50, 50];
    expect(left).toEqual([...each, ...each]);
  });

  it('and less for it after it has waited for what another request was doing', async () => {
    const left = await asOneRequest(async () => {
      for (let n = 0; n < 4; n += 1) await pauseRequest(20);
      return new Wait().leftMs;
    });
    expect(left).toBe(patienceMs - 80);
  });

  it('on SQLite while another process has the lock', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'auth.db');
    await using store = closing(createSqliteStore(file));
    using other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    await isRefusedInTime(() => store.write('k', '{}'));
    other.exec('ROLLBACK');
    await asOneRequest(() => store.write('k', '{}'));
  });
});

describe('a Redis that is away', () => {
  const refused = (asked: Promise<unknown>) => expect(asked).rejects.toMatchObject({ status: 503 });

  it('costs all who ask one wait, and nobody any once it is known to be away (R125)', async () => {
    const server = await startRedis();
    await using store = closing(createRedisStore({ connection: { kind: 'single', url: server.url } }));
    await store.ping();
    await server.stop();

    const repeated = { record: 'r', nonce: 'n' };
    const all = () =>
      Array.from({ length: 20 }, () => [refused(store.read('k')), refused(store.take(repeated))]).flat();
    // A wait for each of them would be half a minute; two for each are more than this, too.
    expect(await attendedMs(() => Promise.all(all()))).toBeLessThan(3000);
    // Less than the wait.
    for (const ask of [() => store.read('k'), () => store.take(repeated), () => store.write('k', '{}')])
      await eventuallyWithin(900, () => refused(ask()));
  });
});

it('a Redis that is silent at first does not keep a server from its start', async () => {
  await using redis = await startRedis();
  let silent = 2;
  const line = createServer((near) => {
    silent -= 1;
    near.on('error', () => undefined);
    if (silent >= 0) near.resume();
    else near.pipe(connect(redis.port, '127.0.0.1').on('error', () => near.destroy())).pipe(near);
  });
  line.listen(0, '127.0.0.1');
  await once(line, 'listening');
  const { port } = line.address() as AddressInfo;
  await using server = await startServer({ env: { REDIS_URL: `redis://127.0.0.1:${port}` } });
  await untilReady(server);
  line.close();
});
