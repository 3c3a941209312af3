import { afterEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { createRedisStore, type RedisConnection, type RedisStore } from '../../src/storage/redis/index.ts';
import type { Store } from '../../src/storage/store.ts';
import { StoreUnavailable } from '../../src/storage/store-unavailable.ts';
import { createCuttableLine } from '../support/cuttable-line.ts';
import { attendedMs, untilDone } from '../support/eventually.ts';
import { freePort, startRedis, startRedisCluster } from '../support/redis.ts';

const anAdvance = { record: 'a', from: 0, graceSeconds: 1, ttlSeconds: 1, extend: [], nonce: 'a' } as const;
const verbs: { verb: string; ask: (store: Store) => Promise<unknown> }[] = [
  { verb: 'read', ask: (store) => store.read('k') },
  { verb: 'write', ask: (store) => store.write('k', '{}', 60) },
  { verb: 'writeIfAbsent', ask: (store) => store.writeIfAbsent('k', '{}', 60) },
  { verb: 'compareAndSet', ask: (store) => store.compareAndSet('k', '{}', '{}') },
  { verb: 'take', ask: (store) => store.take({ record: 'k', nonce: 'a' }) },
  { verb: 'advance', ask: (store) => store.advance(anAdvance) },
  { verb: 'extend', ask: (store) => store.extend(['k', 'l'], 60) },
  { verb: 'remove', ask: (store) => store.remove(['k', 'l']) },
  { verb: 'addMember', ask: (store) => store.addMember('i', 'm', 60) },
  { verb: 'removeMember', ask: (store) => store.removeMember('i', 'm') },
  { verb: 'members', ask: (store) => store.members('i') },
  { verb: 'someMembers', ask: (store) => store.someMembers('i', 1) },
  {
    verb: 'enlist',
    ask: (store) => store.enlist('l', [{ member: 'm', position: 1, dueSeconds: 1 }], { ttlSeconds: 60 }),
  },
  { verb: 'unlist', ask: (store) => store.unlist('l', ['m']) },
  { verb: 'readList', ask: (store) => store.readList('l', { limit: 1 }) },
  { verb: 'count', ask: (store) => store.count('c', 60) },
  { verb: 'readCount', ask: (store) => store.readCount('c') },
  { verb: 'now', ask: (store) => store.now() },
  { verb: 'ping', ask: (store) => store.ping() },
];

/** A second of waiting for a connection and two for an answer. */
const boundMs = 3500;

describe('when Redis is away, the Redis store', () => {
  const stores: RedisStore[] = [];
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
  });
  const storeOf = (connection: RedisConnection, onError?: (error: Error) => void) => {
    const store = createRedisStore({ connection, ...(onError && { onError }) });
    stores.push(store);
    return store;
  };

  it('refuses every verb in bounded time, and serves again by itself once Redis is back', async () => {
    const server = await startRedis();
    const store = storeOf({ kind: 'single', url: server.url });
    await Promise.all(verbs.map(({ ask }) => ask(store)));

    await server.kill();
    await expectUnavailable(store);

    await using _again = await startRedis({ port: server.port });
    await untilDone(() => store.ping());
    await Promise.all(verbs.map(({ ask }) => ask(store)));
    await server.stop();
  });

  it('refuses every verb in bounded time when Redis is connected but silent, and carries none of them out twice', async () => {
    await using server = await startRedis();
    const store = storeOf({ kind: 'single', url: server.url });
    await store.ping();

    process.kill(server.pid, 'SIGSTOP');
    await expectUnavailable(store);
    await expectUnavailable(store);

    process.kill(server.pid, 'SIGCONT');
    await untilDone(() => store.ping());
    // The first took effect late, being on its way already; the second never left.
    expect((await store.readCount('c')).count).toBeLessThanOrEqual(1);
  });

  it('waits a moment for a Redis that is just starting', async () => {
    await using server = await startRedis();
    // The line begins to listen within the moment that a write waits; to start a process takes as long as it likes.
    const port = await freePort();
    const store = storeOf({ kind: 'single', url: `redis://127.0.0.1:${port}` });
    const written = store.write('k', '{}');
    await using _line = await createCuttableLine(server.port, port);
    await expect(written).resolves.toBeUndefined();
  });

  it('tells what is wrong to whoever listens, and ends no process when nobody does', async () => {
    const errors: Error[] = [];
    const url = `redis://127.0.0.1:${await freePort()}`;
    const heard = storeOf({ kind: 'single', url }, (error) => errors.push(error));
    const unheard = storeOf({ kind: 'single', url });
    const failure = await heard.ping().catch((error: unknown) => error);
    await expect(unheard.ping()).rejects.toThrow(StoreUnavailable);
    expect(errors[0]?.message).toContain('ECONNREFUSED');
    expect(failure).toMatchObject({ status: 503, cause: { code: 'ECONNREFUSED' } });
  });

  it('closes at once, and is unavailable from then on', async () => {
    const store = storeOf({ kind: 'single', url: `redis://127.0.0.1:${await freePort()}` });
    await store.close();
    await expectUnavailable(store);
    await expect(store.close()).resolves.toBeUndefined();
  });

  it('is unavailable after it was closed while connected', async () => {
    await using server = await startRedis();
    const store = storeOf({ kind: 'single', url: server.url });
    await store.write('k', '{}');
    await store.close();
    await expectUnavailable(store);
  });

  it.each([
    { what: 'the password', configuration: 'requirepass right', secret: 'wrong-secret' },
    {
      what: 'a value that does not fit',
      configuration: 'maxmemory 1',
      secret: 'secret',
    },
  ])('keeps $what out of the error', async ({ configuration, secret }) => {
    const errors: unknown[] = [];
    await using server = await startRedis({ configuration });
    const url = configuration.startsWith('requirepass') ? server.url.replace('//', `//:${secret}@`) : server.url;
    const store = storeOf({ kind: 'single', url }, (error) => errors.push(error));
    errors.push(await store.write('k', `{"a":"${secret}"}`).catch((error: unknown) => error));
    expect(errors.at(-1)).toBeInstanceOf(StoreUnavailable);
    for (const error of errors) expect(everything(error)).not.toContain(secret);
  });

  it('on a cluster refuses in bounded time what a silent or lost node kept, and serves again once it is back', async () => {
    await using cluster = await startRedisCluster();
    const nodes = cluster.nodes.map(({ host, port }) => ({ host, port }));
    const store = storeOf({ kind: 'cluster', nodes });
    await Promise.all(verbs.map(({ ask }) => ask(store)));

    for (const { pid } of cluster.nodes) process.kill(pid, 'SIGSTOP');
    await expectUnavailable(store);
    for (const { pid } of cluster.nodes) process.kill(pid, 'SIGCONT');
    await untilDone(() => store.ping());
    await Promise.all(verbs.map(({ ask }) => ask(store)));

    const [lost] = cluster.nodes;
    process.kill(lost?.pid ?? 0, 'SIGKILL');
    const writes = () => Array.from({ length: 20 }, (_, n) => store.write(`key-${n}`, '{}'));
    const results = await settledInTime(writes);
    const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    expect(reasons).not.toHaveLength(0);
    for (const reason of reasons) expect(reason).toBeInstanceOf(StoreUnavailable);
  });

  it('on a cluster is not ready while nobody serves some of the keys', async () => {
    await using cluster = await startRedisCluster();
    const nodes = cluster.nodes.map(({ host, port }) => ({ host, port }));
    const store = storeOf({ kind: 'cluster', nodes });
    await store.ping();
    for (const { port } of nodes) {
      const node = new Redis(port);
      await node.call('CLUSTER', 'DELSLOTS', '7');
      node.disconnect();
    }
    await expect(store.ping()).rejects.toThrow(StoreUnavailable);
  });
});

async function expectUnavailable(store: Store): Promise<void> {
  const results = await settledInTime(() => verbs.map(({ ask }) => ask(store)));
  const reasons = results.map((result) => (result.status === 'rejected' ? result.reason : 'answered'));
  expect(reasons).toEqual(verbs.map(() => expect.any(StoreUnavailable)));
}

async function settledInTime(ask: () => Promise<unknown>[]): Promise<PromiseSettledResult<unknown>[]> {
  let results: PromiseSettledResult<unknown>[] = [];
  const ms = await attendedMs(async () => {
    results = await Promise.allSettled(ask());
  });
  expect(ms).toBeLessThan(boundMs);
  return results;
}

/** Everything a log could print of an error. */
function everything(error: unknown): string {
  if (!(error instanceof Error)) return String(JSON.stringify(error));
  const properties = Object.getOwnPropertyNames(error).map((name) => Reflect.get(error, name));
  return properties.map(everything).join('\n');
}
