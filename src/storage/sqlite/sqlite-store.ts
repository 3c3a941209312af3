import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../clock.ts';
import { checkExchanged, checkValue } from '../check-value.ts';
import type { EnlistTerms, ListEntry, ListPage, ListPart } from '../list.ts';
import type { Advance, AdvanceResult, Count, FeedEntry, Store, StoredRecord, Take, TakeResult } from '../store.ts';
import { Answers } from './answers.ts';
import { FeedWaiting } from './feed-waiting.ts';
import { enlist, readList } from './lists.ts';
import { advanceRecord, takeRecord, toRecord } from './marked-records.ts';
import type { OpenDatabase } from './open-database.ts';
import { type CountRow, expiry, findEntries, findRow, isNothing, toCount } from './rows.ts';
import { prepareStatements, type Statements } from './statements.ts';
import { createSweep, type Sweep } from './sweep.ts';

const unlimited = -1;

/** The clock is this process's: processes that share a file share a machine, hence a clock. */
export class SqliteStore implements Store {
  readonly #database: DatabaseSync;
  readonly #clock: Clock;
  readonly #checkFile: () => void;
  readonly #answers: Answers;
  readonly #statements: Statements;
  readonly #sweep: Sweep;
  readonly #waiting = new FeedWaiting(
    (feed, after) => this.#answers.attempt((now) => findEntries(this.#statements, feed, after, 1, now)).length > 0,
  );

  constructor({ database, checkFile }: OpenDatabase, clock: Clock, onError: (error: Error) => void) {
    this.#database = database;
    this.#checkFile = checkFile;
    this.#clock = clock;
    this.#answers = new Answers(database, clock, onError);
    this.#statements = prepareStatements(database);
    this.#sweep = createSweep(database, clock.now);
    this.#sweep.run();
  }

  async read(key: string): Promise<StoredRecord | undefined> {
    const row = await this.#answers.answer((now) => findRow(this.#statements, key, now));
    return row && toRecord(row);
  }

  async readMany(keys: readonly string[]): Promise<(StoredRecord | undefined)[]> {
    return Promise.all(keys.map((key) => this.read(key)));
  }

  async write(key: string, value: string, ttlSeconds?: number): Promise<void> {
    checkValue(value);
    await this.#answers.answer((now) => {
      if (isNothing(ttlSeconds)) this.#statements.remove.run({ key });
      else this.#statements.write.run({ key, value, expiresAt: expiry(now, ttlSeconds) });
    });
  }

  async exchange(key: string, value: string, ttlSeconds: number): Promise<StoredRecord | undefined> {
    checkExchanged(value, ttlSeconds);
    const before = await this.#answers.inTransaction((now) => {
      const row = findRow(this.#statements, key, now);
      this.#statements.write.run({ key, value, expiresAt: expiry(now, ttlSeconds) });
      return row;
    });
    return before && toRecord(before);
  }

  async writeIfAbsent(key: string, value: string, ttlSeconds?: number): Promise<boolean> {
    checkValue(value);
    return this.#answers.answer((now) => {
      if (isNothing(ttlSeconds)) return this.#statements.read.get({ key, now }) === undefined;
      return this.#statements.writeIfAbsent.run({ key, value, now, expiresAt: expiry(now, ttlSeconds) }).changes === 1;
    });
  }

  async compareAndSet(key: string, expected: string, value: string): Promise<boolean> {
    checkValue(value);
    return this.#answers.answer(
      (now) => this.#statements.compareAndSet.run({ key, expected, value, now }).changes === 1,
    );
  }

  async take(take: Take): Promise<TakeResult> {
    const { replace, write } = take.along ?? {};
    if (replace) checkValue(replace.value);
    if (write) checkValue(write.value);
    return this.#answers.inTransaction((now) => takeRecord(this.#statements, take, now));
  }

  async advance(advance: Advance): Promise<AdvanceResult> {
    return this.#answers.inTransaction((now) => advanceRecord(this.#statements, advance, now));
  }

  async extend(keys: readonly string[], ttlSeconds: number): Promise<void> {
    if (ttlSeconds <= 0) return;
    await this.#answers.inTransaction((now) => {
      for (const key of keys) {
        this.#statements.extendRecord.run({ key, now, expiresAt: expiry(now, ttlSeconds) });
        this.#statements.extendSet.run({ key, now, expiresAt: expiry(now, ttlSeconds) });
      }
    });
  }

  async discard(keys: readonly string[]): Promise<void> {
    await this.remove(keys);
  }

  async remove(keys: readonly string[]): Promise<number> {
    const { remove, removeSet, removeCounter } = this.#statements;
    return this.#answers.inTransaction((now) => {
      const there = keys.filter((key) => findRow(this.#statements, key, now) !== undefined);
      for (const key of keys) for (const statement of [remove, removeSet, removeCounter]) statement.run({ key });
      return there.length;
    });
  }

  async addMember(index: string, member: string, ttlSeconds: number): Promise<void> {
    if (ttlSeconds <= 0) return;
    await this.#answers.inTransaction((now) => {
      this.#statements.forgetSet.run({ key: index, now });
      this.#statements.addMember.run({ key: index, member, expiresAt: expiry(now, ttlSeconds) });
    });
  }

  async removeMember(index: string, member: string): Promise<void> {
    await this.#answers.inTransaction(() => {
      this.#statements.bequeathSet.run({ key: index, member });
      this.#statements.removeMember.run({ key: index, member });
    });
  }

  async members(index: string): Promise<string[]> {
    return this.someMembers(index, unlimited);
  }

  async someMembers(index: string, limit: number): Promise<string[]> {
    const rows = await this.#answers.answer((now) => this.#statements.members.all({ key: index, now, limit }));
    return rows.map(({ member }) => String(member));
  }

  async enlist(list: string, entries: readonly ListEntry[], terms: EnlistTerms): Promise<void> {
    await this.#answers.inTransaction((now) => enlist(this.#statements, list, entries, terms, now));
  }

  async unlist(list: string, members: readonly string[]): Promise<void> {
    await this.#answers.inTransaction(() => {
      for (const member of members) this.#statements.unlist.run({ list, member });
    });
  }

  async readList(list: string, part: ListPart): Promise<ListPage> {
    return this.#answers.answer((now) => readList(this.#statements, list, part, now));
  }

  async count(counter: string, windowSeconds: number): Promise<Count> {
    return this.#answers.answer((now) => {
      const row = this.#statements.count.get({ key: counter, now, expiresAt: expiry(now, windowSeconds) });
      return toCount(row as unknown as CountRow, now);
    });
  }

  async readCount(counter: string): Promise<Count> {
    return this.#answers.answer((now) => {
      const row = this.#statements.readCount.get({ key: counter, now }) as CountRow | undefined;
      return row ? toCount(row, now) : { count: 0, secondsLeft: 0 };
    });
  }

  async append(feed: string, entry: string, ttlSeconds: number): Promise<string> {
    checkValue(entry);
    const id = await this.#answers.inTransaction((now) => {
      this.#statements.trimFeed.run({ feed, now });
      return this.#statements.append.get({ feed, entry, now, expiresAt: expiry(now, ttlSeconds) })?.id;
    });
    this.#waiting.wake();
    return String(id);
  }

  async readFeed(feed: string, after: string | undefined, limit: number): Promise<FeedEntry[]> {
    return this.#answers.answer((now) => findEntries(this.#statements, feed, after, limit, now));
  }

  async waitForEntry(feed: string, after: string | undefined, signal?: AbortSignal): Promise<void> {
    await this.#waiting.wait(feed, after, signal);
  }

  async now(): Promise<number> {
    return this.#clock.now();
  }

  async ping(): Promise<void> {
    await this.#answers.answer(() => {
      this.#checkFile();
      this.#statements.ping.get({ key: '' });
    });
  }

  async close(): Promise<void> {
    this.#sweep.close();
    if (this.#database.isOpen) this.#database.close();
  }
}
