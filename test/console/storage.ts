import type { Clock } from '../../src/clock.ts';
import type { ConsoleStorage } from '../../src/console/index.ts';
import { createUnfinished, createVault, type Store } from '../../src/storage/index.ts';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { createTestClock } from '../support/clock.ts';
import { onEachStore as onEachEmptyStore } from '../support/each-store.ts';

export interface StorageUnderTest extends ConsoleStorage {
  readonly store: Store;
}

/** `places`: for what is begun there and not finished; 0 without limit. */
export function aStorage(store: Store = createSqliteStore(':memory:'), prefix = 'test:', places = 0): StorageUnderTest {
  const names = {
    loginChallenge: (hash: string) => `${prefix}login-challenge:{${hash}}`,
    loginTicket: (hash: string) => `${prefix}login-ticket:{${hash}}`,
    directoryEvent: (hash: string) => `${prefix}directory-event:{${hash}}`,
  };
  const unfinishedNames = {
    unfinishedCount: () => `${prefix}unfinished-count`,
    unfinished: (place: number) => `${prefix}unfinished:{${place}}`,
  };
  const unfinished = createUnfinished({ store, names: unfinishedNames, slots: places });
  return { store, names, unfinished, hash: createVault('a secret that only these tests know').hash };
}

/** The same specification on both stores; each test begins with an empty one. */
export function onEachStore(specify: (storage: () => StorageUnderTest) => void): void {
  onEachEmptyStore((current) => specify(() => aStorage(current().store, current().prefix)));
}

/** What a store was told to keep, and for how long: text and seconds as they reached it. */
export function recorded(storage: StorageUnderTest) {
  const writes: { key: string; value: string; ttlSeconds: number | undefined }[] = [];
  const write: Store['write'] = (key, value, ttlSeconds) => {
    writes.push({ key, value, ttlSeconds });
    return storage.store.write(key, value, ttlSeconds);
  };
  const store = new Proxy(storage.store, {
    get: (target, verb: keyof Store) => (verb === 'write' ? write : target[verb]?.bind(target)),
  });
  return { storage: { ...storage, store }, writes };
}

/** A clock that stands until it is moved. */
export function aClock(): Clock & { move(seconds: number): void } {
  const { clock, pass } = createTestClock(1_795_827_700_000);
  return { ...clock, move: pass };
}
