import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createClock } from '../../src/clock.ts';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { StoreUnavailable } from '../../src/storage/store-unavailable.ts';
import { eventually } from '../support/eventually.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const minuteMs = 60_000;
const anAdvance = { record: 'k', from: 0, graceSeconds: 1, ttlSeconds: 1, extend: [], nonce: 'a' } as const;

let time = now;
const setTime = (ms: number) => {
  time = ms;
};
const clock = createClock(() => time);

describe('the SQLite store', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    setTime(now);
    folder = mkdtempSync(join(tmpdir(), 'store-'));
    file = join(folder, 'auth.db');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const rowsIn = (table: string) => {
    using database = new DatabaseSync(file, { readOnly: true });
    return Number(database.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.count);
  };
  const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

  describe('lets expired rows leave the file', () => {
    it('when it is opened', async () => {
      const before = createSqliteStore(file, clock);
      await before.write('short', '{}', 30);
      await before.close();
      setTime(now + 31_000);
      await createSqliteStore(file, clock).close();
      expect(rowsIn('records')).toBe(0);
    });

    it('a bounded number at a time, until all have left, beside the requests', async () => {
      const store = createSqliteStore(file, clock);
      await store.write('long', '{}', 3600);
      await store.write('ever', '{}');
      for (let n = 0; n < 350; n++) await store.write(`short:${n}`, '{}', 30);
      for (let n = 0; n < 50; n++) await store.addMember('short', `member-${n}`, 30);
      await store.count('short', 30);
      await store.close();
      setTime(now + minuteMs);
      const again = createSqliteStore(file, clock);
      expect(rowsIn('records')).toBe(252);
      await eventually(() => rowsIn('counters') === 0);
      expect([rowsIn('records'), rowsIn('members'), rowsIn('counters')]).toEqual([2, 0, 0]);
      await again.close();
    });
  });

  it.each(['file:kept.db', 'file:kept.db?mode=memory', 'kept.db?mode=ro'])(
    'takes %s for the name of a file, and of no URI of SQLite',
    async (name) => {
      const before = process.cwd();
      process.chdir(folder);
      try {
        const store = createSqliteStore(name, clock);
        await store.write('kept', '{}');
        await store.close();
      } finally {
        process.chdir(before);
      }
      file = join(folder, name);
      expect([rowsIn('records'), modeOf(file)]).toEqual([1, '600']);
    },
  );

  it('keeps the members of a set that lives on, whatever each of them asked for', async () => {
    const store = createSqliteStore(file, clock);
    for (let n = 0; n < 50; n++) await store.addMember('long', `member-${n}`, 30);
    await store.addMember('long', 'last', 3600);
    await store.close();
    setTime(now + minuteMs);
    const again = createSqliteStore(file, clock);
    expect(await again.members('long')).toHaveLength(51);
    setTime(now + 3_600_000);
    expect(await again.members('long')).toEqual([]);
    await again.close();
  });

  it('treats expired rows that have not left yet as gone', async () => {
    const store = createSqliteStore(file, clock);
    for (const key of ['taken', 'changed', 'extended', 'anew']) await store.write(key, '{}', 30);
    await store.addMember('index', 'old', 30);
    await store.count('counter', 30);

    setTime(now + 30_000);
    expect(await store.take({ record: 'taken', nonce: 'a' })).toBe('gone');
    expect(await store.compareAndSet('changed', '{}', '{"n":2}')).toBe(false);
    await store.extend(['extended', 'index'], 60);
    expect(await store.read('extended')).toBeUndefined();
    expect(await store.members('index')).toEqual([]);
    await store.addMember('index', 'new', 60);
    expect(await store.members('index')).toEqual(['new']);
    expect(await store.writeIfAbsent('anew', '{"n":2}', 60)).toBe(true);
    expect(await store.read('anew')).toEqual({ value: '{"n":2}' });
    expect(await store.count('counter', 60)).toEqual({ count: 1, secondsLeft: 60 });
    expect(rowsIn('records')).toBe(4);
    await store.close();
  });

  it('keeps what a file of before holds, and marks it from then on', async () => {
    const before = new DatabaseSync(file);
    before.exec(`CREATE TABLE records (key TEXT PRIMARY KEY, value TEXT NOT NULL, expires_at INTEGER, taken_at INTEGER) STRICT;
      INSERT INTO records VALUES ('old', '{"n":1}', NULL, NULL)`);
    before.close();
    const store = createSqliteStore(file, clock);
    expect(await store.take({ record: 'old', nonce: 'a' })).toBe('taken');
    expect(await store.read('old')).toEqual({ value: '{"n":1}', takenAt: now / 1000 });
    await store.close();
  });

  describe('protects its file', () => {
    it('in a folder that it creates, for this user only', async () => {
      const nested = join(folder, 'data', 'deep', 'auth.db');
      const store = createSqliteStore(nested, clock);
      await store.write('a', '{}');
      expect(modeOf(join(folder, 'data', 'deep'))).toBe('700');
      for (const path of [nested, `${nested}-wal`, `${nested}-shm`]) expect(modeOf(path)).toBe('600');
      await store.close();
    });

    it('but leaves the mode that its owner gave it', async () => {
      await createSqliteStore(file, clock).close();
      chmodSync(file, 0o640);
      await createSqliteStore(file, clock).close();
      expect(modeOf(file)).toBe('640');
    });

    it('and leaves no file behind when it is kept in memory', async () => {
      await createSqliteStore(':memory:').close();
      expect(() => statSync(':memory:')).toThrow('ENOENT');
    });
  });

  describe('is unavailable', () => {
    const isUnavailable = async (asked: Promise<unknown>, cause: object) =>
      expect(await asked.catch((error: unknown) => error)).toMatchObject({
        name: 'StoreUnavailable',
        status: 503,
        cause,
      });

    it('after it was closed, by every verb; closing twice is fine', async () => {
      const store = createSqliteStore(file, clock);
      await store.close();
      await store.close();
      const asked = [
        ...[
          store.read('k'),
          store.write('k', '{}'),
          store.writeIfAbsent('k', '{}'),
          store.compareAndSet('k', '{}', '{}'),
        ],
        ...[
          store.take({ record: 'k', nonce: 'a' }),
          store.advance(anAdvance),
          store.extend(['k'], 1),
          store.remove(['k']),
        ],
        store.addMember('i', 'm', 1),
        ...[
          store.someMembers('i', 1),
          store.enlist('l', [], { ttlSeconds: 1 }),
          store.unlist('l', []),
          store.readList('l', { limit: 1 }),
        ],
        ...[store.removeMember('i', 'm'), store.members('i'), store.count('c', 1), store.readCount('c'), store.ping()],
      ];
      for (const answer of asked) await expect(answer).rejects.toThrow(StoreUnavailable);
    });

    it('while another process holds the file, and serves again afterwards', async () => {
      const store = createSqliteStore(file, clock);
      const other = new DatabaseSync(file);
      other.exec('BEGIN IMMEDIATE');
      await isUnavailable(store.write('k', '{}'), { errstr: 'database is locked' });
      await isUnavailable(store.addMember('i', 'm', 60), { errstr: 'database is locked' });
      other.exec('ROLLBACK');
      await store.write('k', '{}');
      await store.addMember('i', 'm', 60);
      other.close();
      await store.close();
    });

    it('when the file fails it, for that verb only', async () => {
      const store = createSqliteStore(file, clock);
      await store.write('k', '{}');
      using other = new DatabaseSync(file);
      other.exec('DROP TABLE counters');
      await isUnavailable(store.count('c', 60), { errstr: 'SQL logic error' });
      expect(await store.read('k')).toEqual({ value: '{}' });
      await store.close();
    });

    it('never silently: what is no database is not opened', () => {
      writeFileSync(file, 'certainly not a database, but long enough to have a header'.repeat(10));
      expect(() => createSqliteStore(file, clock)).toThrow('file is not a database');
    });
  });
});
