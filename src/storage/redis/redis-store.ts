import { checkExchanged, checkValue } from '../check-value.ts';
import type { EnlistTerms, ListEntry, ListPage, ListPart } from '../list.ts';
import { Wait } from '../patience.ts';
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
import { AnsweredWrites } from './answered-writes.ts';
import type { FeedWaiting } from './feed-waiting.ts';
import { createTurn } from './gathered-writes.ts';
import { sendEnlist, sendReadList, sendUnlist } from './lists.ts';
import { sendAdvance, sendTake } from './marked-records.ts';
import { readMemory } from './memory.ts';
import { Readiness } from './readiness.ts';
import { Reads } from './reads.ts';
import { checkIsUp, type RedisClient } from './redis-client.ts';
import { milliseconds, streamId, toCount, toEntries, toMilliseconds, toRecord } from './replies.ts';
import { defineScripts, type Scripts } from './scripts.ts';
import { unavailableUnless } from './unavailable-unless.ts';
import { type Change, Writes } from './writes.ts';

/**
 * A record is one string: `{…}`, once taken `t<milliseconds>:<nonce> {…}`, once advanced
 * `g<generation>:<nonce>:<milliseconds of each remembered generation, the newest first> {…}`; so that reading is one GET and
 * writing one SET. Sets are sets, lists sorted sets, counters are integers, feeds are streams; all of them expire by Redis' own clock. Needs Redis 7 or Valkey.
 */
export class RedisStore implements Store {
  readonly #client: RedisClient;
  readonly #scripts: Scripts;
  readonly #answered: AnsweredWrites;
  readonly #writes: Writes;
  readonly #readiness: Readiness;
  readonly #waiting: FeedWaiting;
  readonly #reads: Reads;

  constructor(client: RedisClient, waiting: FeedWaiting, prefix: string, onError: (error: Error) => void) {
    this.#client = client;
    this.#waiting = waiting;
    this.#scripts = defineScripts(client);
    this.#answered = new AnsweredWrites(this.#scripts, prefix);
    const turn = createTurn(client);
    this.#readiness = new Readiness(client, turn, onError);
    this.#reads = new Reads(client, turn, this.#readiness);
    this.#writes = new Writes(client, this.#scripts, turn, this.#readiness);
  }

  async read(key: string): Promise<StoredRecord | undefined> {
    return (await this.readMany([key]))[0];
  }

  async readMany(keys: readonly string[]): Promise<(StoredRecord | undefined)[]> {
    if (keys.length === 0) return [];
    return (await this.#asked((wait) => wait.bound(this.#reads.read(keys)))).map(toRecord);
  }

  async write(key: string, value: string, ttlSeconds?: number): Promise<void> {
    checkValue(value);
    if (ttlSeconds !== undefined && ttlSeconds <= 0) return this.discard([key]);
    await this.#change({ does: 'set', key, value, ttlSeconds });
  }

  async exchange(key: string, value: string, ttlSeconds: number): Promise<StoredRecord | undefined> {
    checkExchanged(value, ttlSeconds);
    return toRecord((await this.#change({ does: 'exchange', key, value, ttlSeconds })) ?? null);
  }

  async writeIfAbsent(key: string, value: string, ttlSeconds?: number): Promise<boolean> {
    checkValue(value);
    if (ttlSeconds !== undefined && ttlSeconds <= 0)
      return (await this.#answerRepeated(() => this.#client.exists(key))) === 0;
    return this.#answerRepeated(this.#answered.writeIfAbsent(key, value, ttlSeconds));
  }

  async compareAndSet(key: string, expected: string, value: string): Promise<boolean> {
    checkValue(value);
    return this.#answerRepeated(this.#answered.compareAndSet(key, expected, value));
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
    const changes = keys.map((key): Change => ({ does: 'extend', key, ttlSeconds }));
    await this.#asked((wait) => this.#writes.writeAll(changes, wait));
  }

  async remove(keys: readonly string[]): Promise<number> {
    const sent = this.#answered.remove(keys, this.#client.isCluster).map((send) => this.#answerRepeated(send));
    return (await Promise.all(sent)).reduce((sum, count) => sum + count, 0);
  }

  async discard(keys: readonly string[]): Promise<void> {
    await this.#asked((wait) => this.#writes.discard(keys, wait));
  }

  async addMember(index: string, member: string, ttlSeconds: number): Promise<void> {
    if (ttlSeconds <= 0) return;
    await this.#change({ does: 'add', key: index, value: member, ttlSeconds });
  }

  async removeMember(index: string, member: string): Promise<void> {
    await this.#answerRepeated(() => this.#client.srem(index, member));
  }

  members(index: string): Promise<string[]> {
    return this.#answerRepeated(() => this.#client.smembers(index));
  }

  someMembers(index: string, limit: number): Promise<string[]> {
    return this.#answerRepeated(() => this.#client.srandmember(index, limit));
  }

  enlist(list: string, entries: readonly ListEntry[], terms: EnlistTerms): Promise<void> {
    return this.#answerRepeated(() => sendEnlist(this.#scripts, list, entries, terms));
  }

  unlist(list: string, members: readonly string[]): Promise<void> {
    return this.#answerRepeated(() => sendUnlist(this.#scripts, list, members));
  }

  readList(list: string, part: ListPart): Promise<ListPage> {
    return this.#answerRepeated(() => sendReadList(this.#scripts, list, part));
  }

  async count(counter: string, windowSeconds: number): Promise<Count> {
    return this.#answerRepeated(this.#answered.count(counter, windowSeconds));
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
    return toEntries(await this.#answerRepeated(() => this.#scripts.readFeed(feed, streamId(after), limit)));
  }

  async waitForEntry(feed: string, after: string | undefined, signal?: AbortSignal): Promise<void> {
    await unavailableUnless(this.#waiting.wait(feed, streamId(after), signal));
  }

  async now(): Promise<number> {
    return toMilliseconds(await this.#answerRepeated(() => this.#client.time()));
  }

  async ping(): Promise<void> {
    await unavailableUnless(this.#readiness.answer(() => checkIsUp(this.#client)));
  }

  memory(): Promise<Memory> {
    return unavailableUnless(this.#readiness.answer(() => readMemory(this.#client)));
  }

  async close(): Promise<void> {
    const readiness = this.#readiness;
    this.#waiting.close();
    const quits = readiness.isUp && (await readiness.answer(() => this.#client.quit()).catch(() => undefined));
    readiness.end();
    if (!quits) this.#client.disconnect();
  }

  #change(change: Change): Promise<string | null | undefined> {
    return this.#asked((wait) => this.#writes.write(change, wait));
  }

  /** For what is sent with what others ask. */
  #asked<T>(ask: (wait: Wait) => Promise<T>): Promise<T> {
    const wait = new Wait();
    return unavailableUnless(ask(wait), wait);
  }

  /**
   * For what may be sent again after its answer was lost: it reads, or says what shall be and not what shall change, or
   * carries a nonce, or leaves its answer in Redis (`AnsweredWrites`).
   */
  #answerRepeated<T>(send: () => Promise<T>): Promise<T> {
    const wait = new Wait();
    return unavailableUnless(this.#readiness.answerRepeated(send, wait, wait.leftMs), wait);
  }
}
