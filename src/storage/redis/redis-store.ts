import { checkValue } from '../check-value.ts';
import type { Count, FeedEntry, Rotation, Store, StoredRecord, TakeResult } from '../store.ts';
import { StoreUnavailable } from '../store-unavailable.ts';
import { FeedWaiting } from './feed-waiting.ts';
import { Readiness } from './readiness.ts';
import { Reads } from './reads.ts';
import { checkIsUp, createRedisClient, type RedisClient } from './redis-client.ts';
import type { RedisConnection } from './redis-connection.ts';
import { defineScripts, type Scripts } from './scripts.ts';
import { withoutArguments } from './without-arguments.ts';

export interface RedisStoreOptions {
  readonly connection: RedisConnection;
  /** Told about every failed connection, and nothing else; the store reconnects by itself. */
  readonly onError?: (error: Error) => void;
}

/**
 * A record is one string: `{…}` while it was not taken, `<seconds> {…}` afterwards; so that reading is one GET and writing
 * one SET. Sets are sets, counters are integers, feeds are streams; all of them expire by Redis' own clock. Needs Redis 7 or Valkey.
 */
export class RedisStore implements Store {
  readonly #client: RedisClient;
  readonly #scripts: Scripts;
  readonly #readiness: Readiness;
  readonly #waiting: FeedWaiting;
  readonly #reads = new Reads((keys) => this.#answer(() => this.#client.mget([...keys])));

  constructor(client: RedisClient, waiting: FeedWaiting, onError: (error: Error) => void) {
    this.#client = client;
    this.#waiting = waiting;
    this.#scripts = defineScripts(client);
    this.#readiness = new Readiness(client, onError);
  }

  async read(key: string): Promise<StoredRecord | undefined> {
    const text = await this.#answer(() => this.#client.get(key));
    return text === null ? undefined : parseRecord(text);
  }

  async readMany(keys: readonly string[]): Promise<(StoredRecord | undefined)[]> {
    // In a cluster the keys of one command must share a slot; these need not.
    if (this.#client.isCluster || keys.length < 2) return Promise.all(keys.map((key) => this.read(key)));
    const texts = await this.#reads.read(keys);
    return texts.map((text) => (text === null ? undefined : parseRecord(text)));
  }

  async write(key: string, value: string, ttlSeconds?: number): Promise<void> {
    checkValue(value);
    await this.#answer<unknown>(() => {
      if (ttlSeconds === undefined) return this.#client.set(key, value);
      if (ttlSeconds <= 0) return this.#client.del(key);
      return this.#client.set(key, value, 'PX', milliseconds(ttlSeconds));
    });
  }

  async writeIfAbsent(key: string, value: string, ttlSeconds?: number): Promise<boolean> {
    checkValue(value);
    const written = await this.#answer(async () => {
      if (ttlSeconds === undefined) return this.#client.set(key, value, 'NX');
      if (ttlSeconds <= 0) return (await this.#client.exists(key)) === 0 ? 'OK' : null;
      return this.#client.set(key, value, 'PX', milliseconds(ttlSeconds), 'NX');
    });
    return written === 'OK';
  }

  async compareAndSet(key: string, expected: string, value: string): Promise<boolean> {
    checkValue(value);
    return (await this.#answer(() => this.#scripts.compareAndSet(key, expected, value))) === 1;
  }

  takeOnce(key: string, atSeconds: number): Promise<TakeResult> {
    return this.#answer(() => this.#scripts.takeOnce(key, Math.floor(atSeconds)));
  }

  rotate({ record, successor, index, companions, ...rotation }: Rotation): Promise<TakeResult> {
    const { value, atSeconds, graceSeconds, ttlSeconds } = rotation;
    checkValue(value);
    const keys = [record, successor, index, ...companions] as const;
    const ttlMs = milliseconds(ttlSeconds);
    return this.#answer(() => this.#scripts.rotate(...keys, Math.floor(atSeconds), graceSeconds, value, ttlMs));
  }

  async extend(keys: readonly string[], ttlSeconds: number): Promise<void> {
    if (ttlSeconds <= 0) return;
    // GT takes a key without a lifetime for infinite, and does nothing where no key is.
    await this.#answer(() => Promise.all(keys.map((key) => this.#client.pexpire(key, milliseconds(ttlSeconds), 'GT'))));
  }

  async remove(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    // In a cluster the keys of one command must share a slot; these need not.
    const commands = this.#client.isCluster ? keys.map((key) => [key]) : [[...keys]];
    await this.#answer(() => Promise.all(commands.map((some) => this.#client.del(some))));
  }

  async addMember(index: string, member: string, ttlSeconds: number): Promise<void> {
    if (ttlSeconds <= 0) return;
    await this.#answer(() => this.#scripts.addMember(index, member, milliseconds(ttlSeconds)));
  }

  async removeMember(index: string, member: string): Promise<void> {
    await this.#answer(() => this.#client.srem(index, member));
  }

  members(index: string): Promise<string[]> {
    return this.#answer(() => this.#client.smembers(index));
  }

  async count(counter: string, windowSeconds: number): Promise<Count> {
    return toCount(await this.#answer(() => this.#scripts.count(counter, milliseconds(windowSeconds))));
  }

  async readCount(counter: string): Promise<Count> {
    return toCount(await this.#answer(() => this.#scripts.readCount(counter)));
  }

  async append(feed: string, entry: string, ttlSeconds: number): Promise<string> {
    checkValue(entry);
    return this.#answer(() => this.#scripts.append(feed, entry, milliseconds(ttlSeconds)));
  }

  async readFeed(feed: string, after: string | undefined, limit: number): Promise<FeedEntry[]> {
    const found = await this.#answer(() => this.#scripts.readFeed(feed, streamId(after), limit));
    return found.map(([cursor, [, entry]]) => ({ cursor, entry }));
  }

  async waitForEntry(feed: string, after: string | undefined, signal?: AbortSignal): Promise<void> {
    await unavailableUnless(this.#waiting.wait(feed, streamId(after), signal));
  }

  async ping(): Promise<void> {
    await this.#answer(() => checkIsUp(this.#client));
  }

  async close(): Promise<void> {
    const readiness = this.#readiness;
    this.#waiting.close();
    const quits = readiness.isUp && (await readiness.answer(() => this.#client.quit()).catch(() => undefined));
    readiness.end();
    if (!quits) this.#client.disconnect();
  }

  #answer<T>(send: () => Promise<T>): Promise<T> {
    return unavailableUnless(this.#readiness.answer(send));
  }
}

function unavailableUnless<T>(answered: Promise<T>): Promise<T> {
  return answered.catch((cause) => {
    throw new StoreUnavailable(withoutArguments(cause));
  });
}

/** Connects by itself, now and after every loss; until then each method rejects with `StoreUnavailable`. */
export function createRedisStore({ connection, onError = () => undefined }: RedisStoreOptions): RedisStore {
  return new RedisStore(createRedisClient(connection), new FeedWaiting(connection, onError), onError);
}

function parseRecord(text: string): StoredRecord {
  if (text.startsWith('{')) return { value: text };
  const space = text.indexOf(' ');
  return { value: text.slice(space + 1), takenAt: Number(text.slice(0, space)) };
}

/** The start, for no cursor and for one that another kind of store gave. */
function streamId(cursor: string | undefined): string {
  return cursor !== undefined && /^\d{1,15}-\d{1,15}$/.test(cursor) ? cursor : '0-0';
}

function toCount([count, msLeft]: [number, number]): Count {
  return { count, secondsLeft: Math.max(0, Math.ceil(msLeft / 1000)) };
}

/** Lifetimes are kept to the millisecond, so that a fraction of a second is not none. */
function milliseconds(seconds: number): number {
  return Math.ceil(seconds * 1000);
}
