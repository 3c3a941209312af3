import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createRedisStore, type RedisStore } from '../../src/storage/redis/index.ts';
import { startRedis } from '../support/redis.ts';

describe('a Redis that is away', () => {
  const stores: RedisStore[] = [];
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
  });
  const storeOf = (url: string) => {
    const store = createRedisStore({ connection: { kind: 'single', url } });
    stores.push(store);
    return store;
  };
  const timeOf = async (asked: Promise<unknown>) => {
    const begun = performance.now();
    await expect(asked).rejects.toMatchObject({ status: 503 });
    return performance.now() - begun;
  };

  it('costs all who ask one wait, and nobody any once it is known to be away (R125)', async () => {
    const server = await startRedis();
    const store = storeOf(server.url);
    await store.ping();
    await server.stop();

    const repeated = { record: 'r', nonce: 'n' };
    const [first, second] = await Promise.all([timeOf(store.read('k')), timeOf(store.take(repeated))]);
    expect(first).toBeLessThan(2300);
    expect(second).toBeLessThan(2300);
    await delay(2000);
    expect(await timeOf(store.read('k'))).toBeLessThan(600);
    expect(await timeOf(store.take(repeated))).toBeLessThan(600);
    expect(await timeOf(store.write('k', '{}'))).toBeLessThan(600);
  });
});
