import { afterAll, afterEach, beforeAll, beforeEach, describe } from '@jest/globals';
import type { Store } from '../../src/storage/index.ts';
import { createRedisStore } from '../../src/storage/redis/index.ts';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { type RedisServer, startRedis } from './redis.ts';

export interface EmptyStore {
  readonly store: Store;
  /** Of every name that this test uses. */
  readonly prefix: string;
}

/** The same specification on both stores; each test begins with an empty one. */
export function onEachStore(specify: (current: () => EmptyStore) => void): void {
  describe.each(['SQLite', 'Redis'])('on %s', (kind) => {
    let redis: RedisServer | undefined;
    let current: EmptyStore;
    let tests = 0;

    beforeAll(async () => {
      if (kind === 'Redis') redis = await startRedis();
    });
    beforeEach(() => {
      tests += 1;
      const store = redis
        ? createRedisStore({ connection: { kind: 'single', url: redis.url } })
        : createSqliteStore(':memory:');
      current = { store, prefix: `test-${tests}:` };
    });
    afterEach(() => current.store.close());
    afterAll(() => redis?.stop());

    specify(() => current);
  });
}
