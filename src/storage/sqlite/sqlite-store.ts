import type { DatabaseSync } from 'node:sqlite';
import { checkValue } from '../check-value.ts';
import type { Count, FeedEntry, Rotation, Store, StoredRecord, TakeResult } from '../store.ts';
import { StoreUnavailable } from '../store-unavailable.ts';
import { FeedWaiting } from './feed-waiting.ts';
import { openDatabase } from './open-database.ts';
import { type CountRow, expiry, idOf, isNothing, type RecordRow, type TakeRow, toCount } from './rows.ts';
import { prepareStatements, type Statements } from './statements.ts';
import { createSweep } from './sweep.ts';

/** Time is this process's clock; processes that share a file share a machine, hence a clock. */
export class SqliteStore implements Store {
  readonly #database: DatabaseSync;
  readonly #statements: Statements;
  readonly #sweep: (nowMs: number) => void;
  readonly #waiting = new FeedWaiting((feed, after) => this.#entriesAfter(feed, after, 1).length > 0);

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#statements = prepareStatements(database);
    this.#sweep = createSweep(database);
    this.#sweep(Date.now());
  }

  async read(key: string): Promise<StoredRecord | undefined> {
    const row = this.#answer((now) => this.#statements.read.get({ key, now })) as RecordRow | undefined;
    if (!row) return undefined;
    return row.takenAt === null ? { value: row.value } : { value: row.value, takenAt: row.takenAt };
  }

  async readMany(keys: readonly string[]): Promise<(StoredRecord | undefined)[]> {
    return Promise.all(keys.map((key) => this.read(key)));
  }

  async write(key: string, value: string, ttlSeconds?: number): Promise<void> {
    checkValue(value);
    this.#change((now) => {
      if (isNothing(ttlSeconds)) this.#statements.remove.run({ key });
      else this.#statements.write.run({ key, value, expiresAt: expiry(now, ttlSeconds) });
    });
  }

  async writeIfAbsent(key: string, value: string, ttlSeconds?: number): Promise<boolean> {
    checkValue(value);
    return this.#change((now) => {
      if (isNothing(ttlSeconds)) return this.#statements.read.get({ key, now }) === undefined;
      return this.#statements.writeIfAbsent.run({ key, value, now, expiresAt: expiry(now, ttlSeconds) }).changes === 1;
    });
  }

  async compareAndSet(key: string, expected: string, value: string): Promise<boolean> {
    checkValue(value);
    return this.#answer((now) => this.#statements.compareAndSet.run({ key, expected, value, now }).changes === 1);
  }

  async takeOnce(key: string, atSeconds: number): Promise<TakeResult> {
    const at = Math.floor(atSeconds);
    const row = this.#answer((now) => this.#statements.takeOnce.get({ key, at, now })) as TakeRow | undefined;
    if (!row) return 'gone';
    return row.takes === 1 ? 'taken' : row.takenAt;
  }

  async rotate({ record, atSeconds, graceSeconds, successor, value, ...rotation }: Rotation): Promise<TakeResult> {
    checkValue(value);
    const at = Math.floor(atSeconds);
    return this.#transaction((now) => {
      const row = this.#statements.takeOnce.get({ key: record, at, now }) as TakeRow | undefined;
      if (!row) return 'gone';
      const result = row.takes === 1 ? 'taken' : row.takenAt;
      if (typeof result === 'number' && at - result >= graceSeconds) return result;
      const expiresAt = expiry(now, rotation.ttlSeconds);
      this.#statements.writeIfAbsent.run({ key: successor, value, now, expiresAt });
      this.#join(rotation.index, successor, now, expiresAt);
      for (const key of rotation.companions) this.#statements.extendRecord.run({ key, now, expiresAt });
      return result;
    });
  }

  async extend(keys: readonly string[], ttlSeconds: number): Promise<void> {
    if (ttlSeconds <= 0) return;
    this.#transaction((now) => {
      for (const key of keys) {
        this.#statements.extendRecord.run({ key, now, expiresAt: expiry(now, ttlSeconds) });
        this.#statements.extendSet.run({ key, now, expiresAt: expiry(now, ttlSeconds) });
      }
    });
  }

  async remove(keys: readonly string[]): Promise<void> {
    const { remove, removeSet, removeCounter } = this.#statements;
    this.#transaction(() => {
      for (const key of keys) for (const statement of [remove, removeSet, removeCounter]) statement.run({ key });
    });
  }

  async addMember(index: string, member: string, ttlSeconds: number): Promise<void> {
    if (ttlSeconds <= 0) return;
    this.#transaction((now) => {
      this.#sweep(now);
      this.#join(index, member, now, expiry(now, ttlSeconds));
    });
  }

  async removeMember(index: string, member: string): Promise<void> {
    this.#answer(() => this.#statements.removeMember.run({ key: index, member }));
  }

  async members(index: string): Promise<string[]> {
    return this.#answer((now) => this.#statements.members.all({ key: index, now }).map(({ member }) => String(member)));
  }

  async count(counter: string, windowSeconds: number): Promise<Count> {
    return this.#change((now) => {
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
    const id = this.#transaction((now) => {
      this.#statements.trimFeed.run({ feed, now });
      return this.#statements.append.get({ feed, entry, now, expiresAt: expiry(now, ttlSeconds) })?.id;
    });
    this.#waiting.wake();
    return String(id);
  }

  async readFeed(feed: string, after: string | undefined, limit: number): Promise<FeedEntry[]> {
    return this.#entriesAfter(feed, after, limit);
  }

  async waitForEntry(feed: string, after: string | undefined, signal?: AbortSignal): Promise<void> {
    await this.#waiting.wait(feed, after, signal);
  }

  async ping(): Promise<void> {
    this.#answer(() => this.#statements.ping.get({ key: '' }));
  }

  async close(): Promise<void> {
    if (this.#database.isOpen) this.#database.close();
  }

  #join(index: string, member: string, now: number, expiresAt: number | null): void {
    this.#statements.forgetSet.run({ key: index, now });
    this.#statements.addMember.run({ key: index, member, expiresAt });
    this.#statements.extendSet.run({ key: index, now, expiresAt });
  }

  #answer<T>(work: (nowMs: number) => T): T {
    try {
      return work(Date.now());
    } catch (cause) {
      throw new StoreUnavailable(cause);
    }
  }

  #change<T>(work: (nowMs: number) => T): T {
    return this.#answer((now) => {
      this.#sweep(now);
      return work(now);
    });
  }

  #entriesAfter(feed: string, after: string | undefined, limit: number): FeedEntry[] {
    const rows = this.#answer((now) => this.#statements.readFeed.all({ feed, after: idOf(after), now, limit }));
    return rows.map(({ id, entry }) => ({ cursor: String(id), entry: String(entry) }));
  }

  #transaction<T>(work: (nowMs: number) => T): T {
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
export function createSqliteStore(file: string): SqliteStore {
  return new SqliteStore(openDatabase(file));
}
