import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
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

  it('loses nothing of what was under way when its connections are cut in the middle', async () => {
    await using server = await startRedis();
    const store = storeOf(server.url);
    const observer = new Redis(server.url);
    let isDone = false;
    const cut = async () => {
      while (!isDone) {
        await observer.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
        await delay(20);
      }
    };
    const cutting = cut();
    for (let n = 0; n < 150; n += 1) {
      await Promise.all([
        store.write(`record-${n}`, `{"n":${n}}`, 60),
        store.addMember('index', `member-${n}`, 60),
        store.append('feed', `{"n":${n}}`, 60),
      ]);
      expect(await store.read(`record-${n}`)).toEqual({ value: `{"n":${n}}` });
      expect(await store.take({ record: `record-${n}`, nonce: `nonce-${n}` })).toBe('taken');
    }
    isDone = true;
    await cutting;
    observer.disconnect();
    expect(await store.members('index')).toHaveLength(150);
    const told = (await store.readFeed('feed', undefined, 1000)).map(({ entry }) => entry);
    expect(new Set(told).size).toBe(150);
  });
});
