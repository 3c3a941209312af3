import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Redis } from 'ioredis';
import { createRedisStore, type RedisStore } from '../../src/storage/redis/index.ts';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { StoreUnavailable } from '../../src/storage/store-unavailable.ts';
import { stopClockAt } from '../support/clock.ts';
import { untilDone } from '../support/eventually.ts';
import { freePort, type RedisServer, startRedis } from '../support/redis.ts';

const now = Date.parse('2026-01-01T00:00:00Z');

describe('a feed in Redis', () => {
  let server: RedisServer;
  let observer: Redis;
  let store: RedisStore;
  beforeAll(async () => {
    server = await startRedis();
    observer = new Redis(server.url);
    store = createRedisStore({ connection: { kind: 'single', url: server.url } });
  });
  afterAll(async () => {
    await store.close();
    await observer.quit();
    await server.stop();
  });

  it('lets go of what is too old when something is added, by the clock of Redis', async () => {
    const minuteAgo = Date.now() - 60_000;
    await observer.xadd('feed:trim', `${minuteAgo - 30_000}-1`, 'entry', '{"n":1}');
    await observer.xadd('feed:trim', `${minuteAgo + 30_000}-1`, 'entry', '{"n":2}');
    await store.append('feed:trim', '{"n":3}', 60);
    const kept = await store.readFeed('feed:trim', undefined, 10);
    expect(kept.map(({ entry }) => entry)).toEqual(['{"n":2}', '{"n":3}']);
  });

  it('has cursors of its own clock, however wrong that of the writer is', async () => {
    stopClockAt(now + 400 * 86_400_000);
    const early = await store.append('feed:clock', '{"n":1}', 60);
    jest.setSystemTime(now - 400 * 86_400_000);
    const late = await store.append('feed:clock', '{"n":2}', 60);
    jest.useRealTimers();
    expect(await store.readFeed('feed:clock', early, 10)).toEqual([{ cursor: late, entry: '{"n":2}' }]);
  });

  it('needs one connection for each that waits at once, and none for those that came back', async () => {
    const connections = async () => Number(/connected_clients:(\d+)/.exec(await observer.info('clients'))?.[1]);
    const waitTwice = () =>
      Promise.all([store.waitForEntry('feed:count', undefined), store.waitForEntry('feed:count', undefined)]);
    await waitTwice();
    const before = await connections();
    await waitTwice();
    expect(await connections()).toBe(before);
  });
});

it('waiting for a feed ends with StoreUnavailable when Redis goes away, and goes on when it is back', async () => {
  const port = await freePort();
  const first = await startRedis({ port });
  const store = createRedisStore({ connection: { kind: 'single', url: first.url } });
  await store.ping();
  const refused = expect(store.waitForEntry('feed', undefined)).rejects.toThrow(StoreUnavailable);
  await first.kill();
  await refused;
  const second = await startRedis({ port });
  await untilDone(() => store.ping());
  await Promise.all([store.waitForEntry('feed', undefined), store.append('feed', '{"n":1}', 60)]);
  expect(await store.readFeed('feed', undefined, 10)).toHaveLength(1);
  await store.close();
  await second.stop();
});

describe('a feed in SQLite', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('lets go of what is too old when something is added', async () => {
    stopClockAt(now);
    const store = createSqliteStore(':memory:');
    for (const n of [1, 2, 3]) {
      await store.append('feed', `{"n":${n}}`, 60);
      jest.setSystemTime(Date.now() + 40_000);
    }
    expect((await store.readFeed('feed', undefined, 10)).map(({ entry }) => entry)).toEqual(['{"n":3}']);
    await store.close();
  });

  it('has cursors that never go back, although the clock does and every entry is gone', async () => {
    stopClockAt(now);
    const store = createSqliteStore(':memory:');
    const first = await store.append('feed', '{"n":1}', 60);
    jest.setSystemTime(now + 61_000);
    await store.append('another', '{"n":2}', 1);
    jest.setSystemTime(now - 86_400_000);
    const second = await store.append('feed', '{"n":3}', 60);
    expect(Number(second)).toBeGreaterThan(Number(first));
    expect((await store.readFeed('feed', first, 10)).map(({ entry }) => entry)).toEqual(['{"n":3}']);
    await store.close();
  });

  it('does not keep anyone waiting on a store that is closed', async () => {
    const store = createSqliteStore(':memory:');
    const refused = expect(store.waitForEntry('feed', undefined)).rejects.toThrow(StoreUnavailable);
    await store.close();
    await refused;
  });
});
