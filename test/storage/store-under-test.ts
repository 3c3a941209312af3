import type { Store } from '../../src/storage/store.ts';

/** Two stores over the same data, as two processes have them, and a way to prove lifetimes. */
export interface StoreUnderTest extends Omit<OpenedStore, 'expectLifetime' | typeof Symbol.asyncDispose> {
  /** Of a record, unless told how to see whether it is there. */
  expectLifetime(key: string, seconds: number | undefined, isThere?: () => Promise<boolean>): Promise<void>;
}

export interface OpenedStore extends AsyncDisposable {
  readonly one: Store;
  readonly other: Store;
  /** Holds when the key is forgotten that many seconds from now, not earlier and not later; without a time: never. */
  expectLifetime(key: string, seconds: number | undefined, isThere: () => Promise<boolean>): Promise<void>;
  /** Resolves when the store's clock is so much further. */
  pass(seconds: number): Promise<void>;
  /** All that is kept of a record: two equal ones say that nothing was written in between. */
  textOf(key: string): Promise<string>;
}

/** A race is run this often: a store that promises "once" only usually is found out. */
export const rounds = 50;

export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
