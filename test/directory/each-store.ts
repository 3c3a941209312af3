import { afterAll, afterEach, beforeAll, beforeEach, describe } from '@jest/globals';
import { createRedisStore } from '../../src/storage/redis/index.ts';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { aStorage } from './a-directory.ts';

/** The same specification on both stores; each test begins with an empty one. */
export function onEachStore(specify: (storage: () => ReturnType<typeof aStorage>) => void): void {
  describe.each(['SQLite', 'Redis'])('on %s', (kind) => {
    let redis: RedisServer | undefined;
    let storage: ReturnType<typeof aStorage>;
    let tests = 0;

    beforeAll(async () => {
      if (kind === 'Redis') redis = await startRedis();
    });
    beforeEach(() => {
      tests += 1;
      const store = redis
        ? createRedisStore({ connection: { kind: 'single', url: redis.url } })
        : createSqliteStore(':memory:');
      storage = aStorage(store, `test-${tests}:`);
    });
    afterEach(() => storage.store.close());
    afterAll(() => redis?.stop());

    specify(() => storage);
  });
}
