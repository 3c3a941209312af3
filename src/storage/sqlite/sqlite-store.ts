import type { DatabaseSync } from 'node:sqlite';
import { type Clock, systemClock } from '../../clock.ts';
import { checkValue } from '../check-value.ts';
import type { Advance, AdvanceResult, Count, FeedEntry, Store, StoredRecord, Take, TakeResult } from '../store.ts';
import { StoreUnavailable } from '../store-unavailable.ts';
import { FeedWaiting } from './feed-waiting.ts';
import { untilUnlocked } from './lock.ts';
import { advanceRecord, takeRecord, toRecord } from './marked-records.ts';
import { type OpenDatabase, openDatabase } from './open-database.ts';
import { type CountRow, expiry, findEntries, findRow, isNothing, toCount } from './rows.ts';
import { prepareStatements, type Statements } from './statements.ts';
import { createSweep, type Sweep } from './sweep.ts';

/** The clock is this process's: processes that share a file share a machine, hence a clock. */
export class SqliteStore implements Store {
  readonly #database: DatabaseSync;
  readonly #clock: Clock;
  readonly #checkFile: () => void;
  readonly #onError: (error: Error) => void;
  readonly #statements: Statements;
  readonly #sweep: Sweep;
  readonly #waiting = new FeedWaiting(
    (feed, after) => this.#attempt((now) => findEntries(this.#statements, feed, after, 1, now)).length > 0,
  );

  constructor({ database, checkFile }: OpenDatabase, clock: Clock, onError: (error: Error) => void) {
    this.#database = database;
    this.#checkFile = checkFile;
    this.#onError = onError;
    this.#clock = clock;
    this.#statements = prepareStatements(database);
    this.#sweep = createSweep(database, clock.now);
    this.#sweep.run();
  }

  async read(key: string): Promise<StoredRecord | undefined> {
    const row = await this.#answer((now) => findRow(this.#statements, key, now));
    return row && toRecord(row);
  }

  async readMany(keys: readonly string[]): Promise<(StoredRecord | undefined)[]> {
    return Promise.all(keys.map((key) => this.read(key)));
  }

  async write(key: string, value: string, ttlSeconds?: number): Promise<void> {
    checkValue(value);
    await this.#answer((now) => {
      if (isNothing(ttlSeconds)) this.#statements.remove.run({ key });
      else this.#statements.write.run({ key, value, expiresAt: expiry(now, ttlSeconds) });
    });
  }

  async writeIfAbsent(key: string, value: string, ttlSeconds?: number): Promise<boolean> {
    checkValue(value);
    return this.#answer((now) => {
      if (isNothing(ttlSeconds)) return this.#statements.read.get({ key, now }) === undefined;
      return this.#statements.writeIfAbsent.run({ key, value, now, expiresAt: expiry(now, ttlSeconds) }).changes === 1;
    });
  }

  async compareAndSet(key: string, expected: string, value: string): Promise<boolean> {
    checkValue(value);
    return this.#answer((now) => this.#statements.compareAndSet.run({ key, expected, value, now }).changes === 1);
  }

  async take(take: Take): Promise<TakeResult> {
    const { replace, write } = take.along ?? {};
    if (replace) checkValue(replace.value);
    if (write) checkValue(write.value);
    return this.#transaction((now) => takeRecord(this.#statements, take, now));
  }

  async advance(advance: Advance): Promise<AdvanceResult> {
    return this.#transaction((now) => advanceRecord(this.#statements, advance, now));
  }

  async extend(keys: readonly string[], ttlSeconds: number): Promise<void> {
    if (ttlSeconds <= 0) return;
    await this.#transaction((now) => {
      for (const key of keys) {
        this.#statements.extendRecord.run({ key, now, expiresAt: expiry(now, ttlSeconds) });
        this.#statements.extendSet.run({ key, now, expiresAt: expiry(now, ttlSeconds) });
      }
    });
  }

  async remove(keys: readonly string[]): Promise<number> {
    const { remove, removeSet, removeCounter } = this.#statements;
    return this.#transaction((now) => {
      const there = keys.filter((key) => findRow(this.#statements, key, now) !== undefined);
      for (const key of keys) for (const statement of [remove, removeSet, removeCounter]) statement.run({ key });
      return there.length;
    });
  }

  async addMember(index: string, member: string, ttlSeconds: number): Promise<void> {
    if (ttlSeconds <= 0) return;
    await this.#transaction((now) => {
      const expiresAt = expiry(now, ttlSeconds);
      this.#statements.forgetSet.run({ key: index, now });
      this.#statements.addMember.run({ key: index, member, expiresAt });
      this.#statements.extendSet.run({ key: index, now, expiresAt });
    });
  }

  async removeMember(index: string, member: string): Promise<void> {
    await this.#answer(() => this.#statements.removeMember.run({ key: index, member }));
  }

  async members(index: string): Promise<string[]> {
    return this.#answer((now) => this.#statements.members.all({ key: index, now }).map(({ member }) => String(member)));
  }

  async count(counter: string, windowSeconds: number): Promise<Count> {
    return this.#answer((now) => {
      const row = this.#statements.count.get({ key: counter, now, expiresAt: expiry(now, windowSeconds) });
      return toCount(row as unknown as CountRow, now);
    });
  }

  async readCount(counter: string): Promise<Count> {
    return this.#answer((now) => {
      const row = this.#statements.readCount.get({ key: counter, now }) as CountRow | undefined;
      return row ? toCount(row, now) : { count: 0, secondsLeft: 0 };
    });
  }

  async append(feed: string, entry: string, ttlSeconds: number): Promise<string> {
    checkValue(entry);
    const id = await this.#transaction((now) => {
      this.#statements.trimFeed.run({ feed, now });
      return this.#statements.append.get({ feed, entry, now, expiresAt: expiry(now, ttlSeconds) })?.id;
    });
    this.#waiting.wake();
    return String(id);
  }

  async readFeed(feed: string, after: string | undefined, limit: number): Promise<FeedEntry[]> {
    return this.#answer((now) => findEntries(this.#statements, feed, after, limit, now));
  }

  async waitForEntry(feed: string, after: string | undefined, signal?: AbortSignal): Promise<void> {
    await this.#waiting.wait(feed, after, signal);
  }

  async now(): Promise<number> {
    return this.#clock.now();
  }

  async ping(): Promise<void> {
    await this.#answer(() => {
      this.#checkFile();
      this.#statements.ping.get({ key: '' });
    });
  }

  async close(): Promise<void> {
    this.#sweep.close();
    if (this.#database.isOpen) this.#database.close();
  }

  async #answer<T>(work: (nowMs: number) => T): Promise<T> {
    try {
      return await untilUnlocked(() => this.#attempt(work));
    } catch (error) {
      this.#onError(error as Error);
      throw error;
    }
  }

  #attempt<T>(work: (nowMs: number) => T): T {
    try {
      return work(this.#clock.now());
    } catch (cause) {
      throw new StoreUnavailable(cause);
    }
  }

  #transaction<T>(work: (nowMs: number) => T): Promise<T> {
    return this.#answer((now) => {
      this.#database.exec('BEGIN IMMEDIATE');
      try {
        const result = work(now);
        this.#database.exec('COMMIT');
        return result;
      } finally {
        if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      }
    });
  }
}

/** Opens the file, or creates it; throws what the system says when that is impossible. */
export function createSqliteStore(
  file: string,
  clock: Clock = systemClock,
  onError: (error: Error) => void = () => undefined,
): SqliteStore {
  return new SqliteStore(openDatabase(file), clock, onError);
}
