/**
 * The port through which everything is kept: a few verbs over opaque text, so that each promise
 * ("once", "in time", "unless it changed meanwhile") is made in one place and proven by one suite.
 *
 * Keys come from `keys.ts` only. Values are JSON text; the store never looks inside.
 * Times are seconds since the epoch, lifetimes seconds. A `ttlSeconds` of zero or less writes nothing that can be read.
 * Every method rejects with `StoreUnavailable` when the store cannot be reached.
 */
export interface Store {
  read(key: string): Promise<StoredRecord | undefined>;
  /** Several at once, in the order of the keys. */
  readMany(keys: readonly string[]): Promise<(StoredRecord | undefined)[]>;
  /** Replaces whatever is there, taken or not. The lifetime is set in the same operation; without one it is kept for ever. */
  write(key: string, value: string, ttlSeconds?: number): Promise<void>;
  /** True when this call wrote; false when a live record was there, which stays as it is. */
  writeIfAbsent(key: string, value: string, ttlSeconds?: number): Promise<boolean>;
  /** Writes only while the value is still `expected`; keeps the lifetime and the taken mark. */
  compareAndSet(key: string, expected: string, value: string): Promise<boolean>;
  /** Marks a record as taken. Of any number of callers exactly one is told `'taken'`. */
  takeOnce(key: string, atSeconds: number): Promise<TakeResult>;
  /**
   * Takes a record and writes its successor, in one step: never one without the other. Taken before, the successor is
   * written all the same while that is younger than the grace; a successor that is there stays as it is. `'gone'`, or a
   * time that is older than the grace: nothing was written.
   */
  rotate(rotation: Rotation): Promise<TakeResult>;
  /** Lets live records and indexes live at least this much longer from now; never shortens, never revives. */
  extend(keys: readonly string[], ttlSeconds: number): Promise<void>;
  remove(keys: readonly string[]): Promise<void>;

  /** Adds to a set that lives at least this long from now. */
  addMember(index: string, member: string, ttlSeconds: number): Promise<void>;
  removeMember(index: string, member: string): Promise<void>;
  members(index: string): Promise<string[]>;

  /** Adds one to a counter that forgets `windowSeconds` after its first count. */
  count(counter: string, windowSeconds: number): Promise<Count>;
  readCount(counter: string): Promise<Count>;

  /**
   * Adds to the end of a feed, and lets go of what is older than this lifetime in the same operation. Cursors are made by
   * the store, in the order in which entries can be read; a feed has one lifetime for all its entries.
   */
  append(feed: string, entry: string, ttlSeconds: number): Promise<string>;
  /**
   * The entries after this cursor, oldest first. From the oldest that is kept without a cursor, and with one that lies
   * beyond the end: the feed was lost or restored from a copy, and being told twice is better than not at all.
   */
  readFeed(feed: string, after: string | undefined, limit: number): Promise<FeedEntry[]>;
  /** Resolves as soon as something follows this cursor; within about a second in any case, so read to find out. */
  waitForEntry(feed: string, after: string | undefined, signal?: AbortSignal): Promise<void>;

  /** Resolves when the store answers. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface StoredRecord {
  readonly value: string;
  /** When it was first taken, if it was. */
  readonly takenAt?: number;
}

/** `'taken'`: by this call. `'gone'`: no such record. A number: taken before, at that time. */
export type TakeResult = 'taken' | 'gone' | number;

/** All keys share a hash tag. */
export interface Rotation {
  readonly record: string;
  readonly atSeconds: number;
  readonly graceSeconds: number;
  readonly successor: string;
  readonly value: string;
  readonly ttlSeconds: number;
  /** A set that the successor joins; it lives at least as long as the successor. */
  readonly index: string;
  /** Records that live at least as long as the successor, if they are there. */
  readonly companions: readonly [string, string];
}

export interface FeedEntry {
  readonly cursor: string;
  readonly entry: string;
}

export interface Count {
  readonly count: number;
  /** Until the counter forgets; 0 when nothing was counted. */
  readonly secondsLeft: number;
}
