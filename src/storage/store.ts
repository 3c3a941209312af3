import type { EnlistTerms, ListEntry, ListPage, ListPart } from './list.ts';

/**
 * The port through which everything is kept: a few verbs over opaque text, so that each promise
 * ("once", "in time", "unless it changed meanwhile") is made in one place and proven by one suite.
 *
 * Names come from `record-names.ts` only. Values are JSON text; the store never looks inside.
 * Times are seconds since the epoch, lifetimes seconds. A `ttlSeconds` of zero or less writes nothing that can be read.
 * Every method rejects with `StoreUnavailable` when the store cannot be reached.
 */
export interface Store {
  read(key: string): Promise<StoredRecord | undefined>;
  /** Several at once, in the order of the keys. */
  readMany(keys: readonly string[]): Promise<(StoredRecord | undefined)[]>;
  /** Replaces whatever is there, taken or not. The lifetime is set in the same operation; without one it is kept for ever. */
  write(key: string, value: string, ttlSeconds?: number): Promise<void>;
  /**
   * The same, and answers what was there before. Whoever asks again, because the answer was lost, may be told what the first
   * asking wrote.
   */
  exchange(key: string, value: string, ttlSeconds: number): Promise<StoredRecord | undefined>;
  /** True when this call wrote; false when a live record was there, which stays as it is. */
  writeIfAbsent(key: string, value: string, ttlSeconds?: number): Promise<boolean>;
  /** Writes only while the value is still `expected`; keeps the lifetime and the mark of `take` or `advance`. */
  compareAndSet(key: string, expected: string, value: string): Promise<boolean>;
  /**
   * Marks a record as taken, and changes and writes what goes with it, in one step: all of it or nothing. Of any number of
   * nonces exactly one is told `'taken'`; the same nonce is told so again, so whoever lost the answer may ask once more.
   */
  take(take: Take): Promise<TakeResult>;
  /**
   * Moves a record on by one generation, in one step with the lifetimes of what goes with it, for whoever holds the newest
   * one. Who holds one that was left less than the grace ago is told the newest, and nothing but the count of a limit is written.
   */
  advance(advance: Advance): Promise<AdvanceResult>;
  /** Lets live records and indexes live at least this much longer from now; never shortens, never revives. */
  extend(keys: readonly string[], ttlSeconds: number): Promise<void>;
  /** Answers how many of them were there, so that of several callers one knows that it removed a record. */
  remove(keys: readonly string[]): Promise<number>;
  /** The same for names that are never given again: removed twice, when an answer was lost, harms nobody, and it asks for no count. */
  discard(keys: readonly string[]): Promise<void>;

  /** Adds to a set that lives at least this long from now. */
  addMember(index: string, member: string, ttlSeconds: number): Promise<void>;
  removeMember(index: string, member: string): Promise<void>;
  members(index: string): Promise<string[]>;
  /** At most so many of them, whichever: of a set that may be large. */
  someMembers(index: string, limit: number): Promise<string[]>;

  /**
   * Adds to a list, or says anew where a member stands and when it is due. A list and what its members stand for end in
   * two steps, so one that is due may stand for nothing any more: whoever reads looks. One at which nobody looks, and which
   * nobody names again, leaves by itself.
   */
  enlist(list: string, entries: readonly ListEntry[], terms: EnlistTerms): Promise<void>;
  unlist(list: string, members: readonly string[]): Promise<void>;
  /** A part of a list, the highest position first, of equal ones the later name; as cheap in a long list as in a short one. */
  readList(list: string, part: ListPart): Promise<ListPage>;

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

  /** The store's clock, in milliseconds since the epoch: the one by which everything in it ages. */
  now(): Promise<number>;
  /** Resolves when the store answers. */
  ping(): Promise<void>;
  /** Of a store that may be told to throw away what it was given to keep. */
  memory?(): Promise<Memory>;
  close(): Promise<void>;
}

export interface Memory {
  /** What it does when its memory is full; `noeviction` keeps everything. */
  readonly policy: string;
  /** Thrown away since it runs. */
  readonly evictedKeys: number;
}

export interface StoredRecord {
  readonly value: string;
  /** When it was taken, by the store's clock, in seconds since the epoch. */
  readonly takenAt?: number;
  /** Of a record that was advanced. */
  readonly progress?: Progress;
}

/** How far a record was advanced. */
export interface Progress {
  readonly generation: number;
  /** When the newest generation was reached, by the store's clock, in seconds since the epoch. */
  readonly reachedAt: number;
}

/** All keys share a hash tag. */
export interface Take {
  readonly record: string;
  /** Of the request that takes: new for each, the same when it asks again. */
  readonly nonce: string;
  readonly along?: {
    /** A record that is replaced, if it still is what was read; it lives at least this long afterwards. */
    readonly replace: { readonly key: string; readonly expected: string; readonly value: string };
    /** A new record. */
    readonly write?: { readonly key: string; readonly value: string } | undefined;
    /** Of both. */
    readonly ttlSeconds: number;
  };
}

/**
 * `'taken'`: by this nonce. `'gone'`: no such record. `'changed'`: nothing was done, because the record to replace is not
 * what was read. A number: taken by another nonce, so many seconds ago.
 */
export type TakeResult = 'taken' | 'gone' | 'changed' | number;

/** All keys share a hash tag. */
export interface Advance {
  readonly record: string;
  /** The generation that the caller holds; a record that was never advanced has 0. */
  readonly from: number;
  /**
   * For how long a generation that was left may be presented again. Of several who are told of one generation and move on
   * within the grace, one may keep an older than another, by the order of the answers: those generations are as good as the
   * newest until the next step.
   */
  readonly graceSeconds: number;
  /** Of the record, from now on. */
  readonly ttlSeconds: number;
  /** Records that live at least as long. */
  readonly extend: readonly [string] | readonly [];
  /** As for `take`. */
  readonly nonce: string;
  /**
   * How often it may move on within a while that begins with the first time; counted in the record itself. Being told within
   * the grace costs a part of that: it is no step, and not free.
   */
  readonly limit?: { readonly count: number; readonly windowSeconds: number } | undefined;
}

/**
 * A number: the newest generation, which this call or one within the grace moved on to. `'stale'`: what the caller holds was
 * left too long ago. `'gone'`: no such record. An object: asked more often than the limit allows, for so long; nothing was done.
 */
export type AdvanceResult = number | 'stale' | 'gone' | { readonly secondsLeft: number };

/** How many generations are remembered that were reached within the grace. */
export const rememberedGenerations = 32;

/** So many answers within the grace count as one step against a limit: as many as processes that share a token. */
export const repeatsPerStep = 32;

export interface FeedEntry {
  readonly cursor: string;
  readonly entry: string;
}

export interface Count {
  readonly count: number;
  /** Until the counter forgets; 0 when nothing was counted. */
  readonly secondsLeft: number;
}
