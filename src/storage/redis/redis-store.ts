import { checkValue } from '../check-value.ts';
import type {
  Advance,
  AdvanceResult,
  Count,
  FeedEntry,
  Memory,
  Store,
  StoredRecord,
  Take,
  TakeResult,
} from '../store.ts';
import { StoreUnavailable } from '../store-unavailable.ts';
import { AnsweredWrites } from './answered-writes.ts';
import { FeedWaiting } from './feed-waiting.ts';
import { sendAdvance, sendTake } from './marked-records.ts';
import { readMemory } from './memory.ts';
import { Readiness } from './readiness.ts';
import { Reads } from './reads.ts';
import { checkIsUp, createRedisClient, type RedisClient } from './redis-client.ts';
import type { RedisConnection } from './redis-connection.ts';
import { hashTag, milliseconds, parseRecord, streamId, toCount } from './replies.ts';
import { defineScripts, type Scripts } from './scripts.ts';
import { withoutArguments } from './without-arguments.ts';

export interface RedisStoreOptions {
  readonly connection: RedisConnection;
  /** Every key begins with it. */
  readonly prefix?: string;
  /** Told about every failed connection, and nothing else; the store reconnects by itself. */
  readonly onError?: (error: Error) => void;
}

/**
 * A record is one string: `{…}`, once taken `t<milliseconds>:<nonce> {…}`, once advanced
 * `g<generation>:<nonce>:<milliseconds of each remembered generation, the newest first> {…}`; so that reading is one GET and
 * writing one SET. Sets are sets, counters are integers, feeds are streams; all of them expire by Redis' own clock. Needs Redis 7 or Valkey.
 */
export class RedisStore implements Store {
  readonly #client: RedisClient;
  readonly #scripts: Scripts;
  readonly #writes: AnsweredWrites;
  readonly #readiness: Readiness;
  readonly #waiting: FeedWaiting;
  readonly #reads = new Reads((keys) => this.#answerRepeated(() => this.#client.mget([...keys])));

  constructor(client: RedisClient, waiting: FeedWaiting, prefix: string, onError: (error: Error) => void) {
    this.#client = client;
    this.#waiting = waiting;
    this.#scripts = defineScripts(client);
    this.#writes = new AnsweredWrites(this.#scripts, prefix);
    this.#readiness = new Readiness(client, onError);
  }

  async read(key: string): Promise<StoredRecord | undefined> {
    const text = await this.#answerRepeated(() => this.#client.get(key));
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
    await this.#answerRepeated<unknown>(() => {
      if (ttlSeconds === undefined) return this.#client.set(key, value);
      if (ttlSeconds <= 0) return this.#client.del(key);
      return this.#client.set(key, value, 'PX', milliseconds(ttlSeconds));
    });
  }

  async writeIfAbsent(key: string, value: string, ttlSeconds?: number): Promise<boolean> {
    checkValue(value);
    if (ttlSeconds !== undefined && ttlSeconds <= 0)
      return (await this.#answerRepeated(() => this.#client.exists(key))) === 0;
    return this.#answerRepeated(this.#writes.writeIfAbsent(key, value, ttlSeconds));
  }

  async compareAndSet(key: string, expected: string, value: string): Promise<boolean> {
    checkValue(value);
    return this.#answerRepeated(this.#writes.compareAndSet(key, expected, value));
  }

  async take(take: Take): Promise<TakeResult> {
    if (take.along) checkValue(take.along.replace.value);
    if (take.along?.write) checkValue(take.along.write.value);
    return this.#answerRepeated(() => sendTake(this.#scripts, take));
  }

  advance(advance: Advance): Promise<AdvanceResult> {
    return this.#answerRepeated(() => sendAdvance(this.#scripts, advance));
  }

  async extend(keys: readonly string[], ttlSeconds: number): Promise<void> {
    if (ttlSeconds <= 0) return;
    // GT takes a key without a lifetime for infinite, and does nothing where no key is.
    await this.#answerRepeated(() =>
      Promise.all(keys.map((key) => this.#client.pexpire(key, milliseconds(ttlSeconds), 'GT'))),
    );
  }

  async remove(keys: readonly string[]): Promise<number> {
    // In a cluster the keys of one command must share a slot; those with one hash tag do.
    const groups = this.#client.isCluster ? [...Map.groupBy(keys, hashTag).values()] : [keys];
    const sent = groups.map(([first, ...more]) =>
      first === undefined ? 0 : this.#answerRepeated(this.#writes.remove([first, ...more])),
    );
    return (await Promise.all(sent)).reduce((sum, count) => sum + count, 0);
  }

  async addMember(index: string, member: string, ttlSeconds: number): Promise<void> {
    if (ttlSeconds <= 0) return;
    await this.#answerRepeated(() => this.#scripts.addMember(index, member, milliseconds(ttlSeconds)));
  }

  async removeMember(index: string, member: string): Promise<void> {
    await this.#answerRepeated(() => this.#client.srem(index, member));
  }

  members(index: string): Promise<string[]> {
    return this.#answerRepeated(() => this.#client.smembers(index));
  }

  async count(counter: string, windowSeconds: number): Promise<Count> {
    return this.#answerRepeated(this.#writes.count(counter, windowSeconds));
  }

  async readCount(counter: string): Promise<Count> {
    return toCount(await this.#answerRepeated(() => this.#scripts.readCount(counter)));
  }

  async append(feed: string, entry: string, ttlSeconds: number): Promise<string> {
    checkValue(entry);
    // Twice in the feed is better than not at all, as with a cursor from beyond its end.
    return this.#answerRepeated(() => this.#scripts.append(feed, entry, milliseconds(ttlSeconds)));
  }

  async readFeed(feed: string, after: string | undefined, limit: number): Promise<FeedEntry[]> {
    const found = await this.#answerRepeated(() => this.#scripts.readFeed(feed, streamId(after), limit));
    return found.map(([cursor, [, entry]]) => ({ cursor, entry }));
  }

  async waitForEntry(feed: string, after: string | undefined, signal?: AbortSignal): Promise<void> {
    await unavailableUnless(this.#waiting.wait(feed, streamId(after), signal));
  }

  async now(): Promise<number> {
    const [seconds, microseconds] = await this.#answerRepeated(() => this.#client.time());
    return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
  }

  async ping(): Promise<void> {
    await this.#answer(() => checkIsUp(this.#client));
  }

  memory(): Promise<Memory> {
    return this.#answer(() => readMemory(this.#client));
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

  /**
   * For what may be sent again after its answer was lost: it reads, or says what shall be and not what shall change, or
   * carries a nonce, or leaves its answer in Redis (`AnsweredWrites`).
   */
  #answerRepeated<T>(send: () => Promise<T>): Promise<T> {
    return unavailableUnless(this.#readiness.answerRepeated(send));
  }
}

function unavailableUnless<T>(answered: Promise<T>): Promise<T> {
  return answered.catch((cause) => {
    throw new StoreUnavailable(withoutArguments(cause));
  });
}

/** Connects by itself, now and after every loss; until then each method rejects with `StoreUnavailable`. */
export function createRedisStore({
  connection,
  prefix = '',
  onError = () => undefined,
}: RedisStoreOptions): RedisStore {
  return new RedisStore(createRedisClient(connection), new FeedWaiting(connection, onError), prefix, onError);
}
