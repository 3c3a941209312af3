import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect } from '@jest/globals';
import { createClock } from '../../src/clock.ts';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import type { Store } from '../../src/storage/store.ts';
import { aStore } from './store-conformance.ts';
import type { OpenedStore } from './store-under-test.ts';

let now = Date.parse('2026-01-01T00:00:00Z');
const clock = createClock(() => now);

aStore('the SQLite store, in a file that two processes share', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'store-'));
  const file = join(folder, 'auth.db');
  const textOf = async (key: string) => {
    using database = new DatabaseSync(file, { readOnly: true });
    const row = database.prepare('SELECT * FROM records WHERE key = ?').get(key);
    return Object.values(row ?? {}).join(' ');
  };
  const [one, other] = [createSqliteStore(file, clock), createSqliteStore(file, clock)];
  return underTest({ one, other, textOf }, () => rm(folder, { recursive: true }));
});

aStore('the SQLite store, in memory', async () => {
  const store = createSqliteStore(':memory:', clock);
  const textOf = async (key: string) => JSON.stringify(await store.read(key));
  return underTest({ one: store, other: store, textOf }, async () => undefined);
});

interface Opened {
  readonly one: Store;
  readonly other: Store;
  readonly textOf: (key: string) => Promise<string>;
}

function underTest(opened: Opened, cleanUp: () => Promise<void>): OpenedStore {
  return {
    ...opened,
    async expectLifetime(_key, seconds, isThere) {
      const centuryInSeconds = 3_155_760_000;
      const before = now;
      now = before + (seconds ?? centuryInSeconds) * 1000 - 1;
      expect(await isThere()).toBe(true);
      now = before + (seconds ?? centuryInSeconds) * 1000;
      expect(await isThere()).toBe(seconds === undefined);
      now = before;
    },
    async pass(seconds) {
      now += seconds * 1000;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([opened.one.close(), opened.other.close()]);
      await cleanUp();
    },
  };
}
