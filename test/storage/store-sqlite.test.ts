import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest } from '@jest/globals';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import type { Store } from '../../src/storage/store.ts';
import { stopClockAt } from '../support/clock.ts';
import { aStore } from './store-conformance.ts';
import type { StoreUnderTest } from './store-under-test.ts';

const now = Date.parse('2026-01-01T00:00:00Z');

beforeAll(() => stopClockAt(now));
afterAll(() => {
  jest.useRealTimers();
});

aStore('the SQLite store, in a file that two processes share', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'store-'));
  const file = join(folder, 'auth.db');
  return underTest(createSqliteStore(file), createSqliteStore(file), () => rm(folder, { recursive: true }));
});

aStore('the SQLite store, in memory', async () => {
  const store = createSqliteStore(':memory:');
  return underTest(store, store, async () => undefined);
});

function underTest(one: Store, other: Store, cleanUp: () => Promise<void>): StoreUnderTest {
  return {
    one,
    other,
    async expectLifetime(_key, seconds, isThere) {
      const centuryInSeconds = 3_155_760_000;
      jest.setSystemTime(now + (seconds ?? centuryInSeconds) * 1000 - 1);
      expect(await isThere()).toBe(true);
      jest.setSystemTime(now + (seconds ?? centuryInSeconds) * 1000);
      expect(await isThere()).toBe(seconds === undefined);
      jest.setSystemTime(now);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([one.close(), other.close()]);
      await cleanUp();
    },
  };
}
