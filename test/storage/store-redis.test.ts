import { expect } from '@jest/globals';
import { Cluster, Redis } from 'ioredis';
import { createRedisStore, type RedisConnection } from '../../src/storage/redis/index.ts';
import { eventually } from '../support/eventually.ts';
import { startRedis, startRedisCluster } from '../support/redis.ts';
import { aStore } from './store-conformance.ts';
import type { OpenedStore } from './store-under-test.ts';

aStore('the Redis store', async () => {
  const server = await startRedis();
  return underTest({ kind: 'single', url: server.url }, new Redis(server.url), server);
});

aStore('the Redis store, on a cluster', async () => {
  const cluster = await startRedisCluster();
  const nodes = cluster.nodes.map(({ host, port }) => ({ host, port }));
  return underTest({ kind: 'cluster', nodes }, new Cluster(nodes), cluster);
});

function underTest(connection: RedisConnection, observer: Redis | Cluster, server: AsyncDisposable): OpenedStore {
  const one = createRedisStore({ connection });
  const other = createRedisStore({ connection });
  return {
    one,
    other,
    async expectLifetime(key, seconds, isThere) {
      expect(await isThere()).toBe(true);
      const left = await observer.pttl(key);
      if (seconds === undefined) {
        expect(left).toBe(-1);
        return;
      }
      expect(left).toBeLessThanOrEqual(seconds * 1000);
      expect(left).toBeGreaterThan((seconds - 30) * 1000);
    },
    async pass(seconds) {
      const until = (await one.now()) + seconds * 1000;
      await eventually(async () => (await one.now()) >= until);
    },
    textOf: async (key) => (await observer.get(key)) ?? '',
    async [Symbol.asyncDispose]() {
      await Promise.all([one.close(), other.close(), observer.quit()]);
      await server[Symbol.asyncDispose]();
    },
  };
}
