import { describe, expect, it } from '@jest/globals';
import { createRedisStore, type RedisConnection } from '../../src/storage/redis/index.ts';
import type { Store } from '../../src/storage/store.ts';
import { StoreUnavailable } from '../../src/storage/store-unavailable.ts';
import { closing, operatorOf } from '../support/closing.ts';
import { createCuttableLine } from '../support/cuttable-line.ts';
import { attendedMs, untilDone } from '../support/eventually.ts';
import { freePort, startRedis, startRedisCluster } from '../support/redis.ts';
import { everyVerb } from './every-verb.ts';

const verbs = Object.values(everyVerb);

/** A second of waiting for a connection and two for an answer. */
const boundMs = 3500;

describe('when Redis is away, the Redis store', () => {
  const storeOf = (connection: RedisConnection, onError: (error: Error) => void = () => undefined) =>
    closing(createRedisStore({ connection, onError }));
  const storeAt = (url: string, onError?: (error: Error) => void) => storeOf({ kind: 'single', url }, onError);

  const nobody = async () => `redis://127.0.0.1:${await freePort()}`;

  it('refuses every verb in bounded time, and serves again by itself once Redis is back', async () => {
    const server = await startRedis();
    await using store = storeAt(server.url);
    await Promise.all(verbs.map((ask) => ask(store)));

    await server.kill();
    await expectUnavailable(store);

    await using _again = await startRedis({ port: server.port });
    await untilDone(() => store.ping());
    await Promise.all(verbs.map((ask) => ask(store)));
    await server.stop();
  });

  it('refuses every verb in bounded time when Redis is connected but silent, and carries none of them out twice', async () => {
    await using server = await startRedis();
    await using store = storeAt(server.url);
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
    await using store = storeAt(`redis://127.0.0.1:${port}`);
    const written = store.write('k', '{}');
    await using _line = await createCuttableLine(server.port, port);
    await expect(written).resolves.toBeUndefined();
  });

  it('tells what is wrong to whoever listens, and ends no process when nobody does', async () => {
    const errors: Error[] = [];
    const url = await nobody();
    await using heard = storeAt(url, (error) => errors.push(error));
    await using unheard = storeAt(url);
    const failure = await heard.ping().catch((error: unknown) => error);
    await expect(unheard.ping()).rejects.toThrow(StoreUnavailable);
    expect(errors[0]?.message).toContain('ECONNREFUSED');
    expect(failure).toMatchObject({ status: 503, cause: { code: 'ECONNREFUSED' } });
  });

  it('closes at once, and is unavailable from then on', async () => {
    await using store = storeAt(await nobody());
    await store.close();
    await expectUnavailable(store);
    await expect(store.close()).resolves.toBeUndefined();
  });

  it('is unavailable after it was closed while connected', async () => {
    await using server = await startRedis();
    await using store = storeAt(server.url);
    await store.write('k', '{}');
    await store.close();
    await expectUnavailable(store);
  });

  it.each([
    ['the password', 'requirepass right', '//:secret@'],
    ['a value that does not fit', 'maxmemory 1', '//'],
  ])('keeps %s out of the error', async (_what, configuration, host) => {
    const errors: unknown[] = [];
    await using server = await startRedis({ configuration });
    const url = server.url.replace('//', host);
    await using store = storeAt(url, (error) => errors.push(error));
    errors.push(await store.write('k', '{"a":"secret"}').catch((error: unknown) => error));
    expect(errors.at(-1)).toBeInstanceOf(StoreUnavailable);
    for (const error of errors) expect(everything(error)).not.toContain('secret');
  });

  it('on a cluster refuses in bounded time what a silent or lost node kept, and serves again once it is back', async () => {
    await using cluster = await startRedisCluster();
    await using store = storeOf({ kind: 'cluster', nodes: cluster.nodes });
    await Promise.all(verbs.map((ask) => ask(store)));

    for (const { pid } of cluster.nodes) process.kill(pid, 'SIGSTOP');
    await expectUnavailable(store);
    for (const { pid } of cluster.nodes) process.kill(pid, 'SIGCONT');
    await untilDone(() => store.ping());
    await Promise.all(verbs.map((ask) => ask(store)));

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
    await using store = storeOf({ kind: 'cluster', nodes: cluster.nodes });
    await store.ping();
    for (const each of cluster.nodes) {
      using node = operatorOf(each);
      await node.call('CLUSTER', 'DELSLOTS', '7');
    }
    await expect(store.ping()).rejects.toThrow(StoreUnavailable);
  });
});

async function expectUnavailable(store: Store): Promise<void> {
  const results = await settledInTime(() => verbs.map((ask) => ask(store)));
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
