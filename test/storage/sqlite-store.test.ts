import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { StoreUnavailable } from '../../src/storage/store-unavailable.ts';
import { createTestClock } from '../support/clock.ts';
import { closing } from '../support/closing.ts';
import { eventually } from '../support/eventually.ts';
import { fresh } from '../support/shared.ts';
import { temporaryFolder } from '../support/spawned-server.ts';
import { everyVerb } from './every-verb.ts';

const start = Date.parse('2026-01-01T00:00:00Z');

describe('the SQLite store', () => {
  const folder = fresh(temporaryFolder);
  const time = fresh(() => createTestClock(start));
  const file = () => join(folder.path, 'auth.db');
  const open = (name = file()) => closing(createSqliteStore(name, time.clock));

  const rowsIn = (table: string, path = file()) => {
    using database = new DatabaseSync(path, { readOnly: true });
    return Number(database.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.count);
  };
  const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

  describe('lets expired rows leave the file', () => {
    it('when it is opened', async () => {
      const before = open();
      await before.write('short', '{}', 30);
      await before.close();
      time.pass(31);
      await open().close();
      expect(rowsIn('records')).toBe(0);
    });

    it('a bounded number at a time, until all have left, beside the requests', async () => {
      await using store = open();
      await store.write('long', '{}', 3600);
      await store.write('ever', '{}');
      for (let n = 0; n < 350; n++) await store.write(`short:${n}`, '{}', 30);
      for (let n = 0; n < 50; n++) await store.addMember('short', `member-${n}`, 30);
      await store.count('short', 30);
      await store.close();
      time.pass(60);
      await using _again = open();
      expect(rowsIn('records')).toBe(252);
      await eventually(() => rowsIn('counters') === 0);
      expect([rowsIn('records'), rowsIn('members'), rowsIn('counters')]).toEqual([2, 0, 0]);
    });
  });

  it.each(['file:kept.db', 'file:kept.db?mode=memory', 'kept.db?mode=ro'])(
    'takes %s for the name of a file, and of no URI of SQLite',
    async (name) => {
      using _elsewhere = inFolder(folder.path);
      await using store = open(name);
      await store.write('kept', '{}');
      expect([rowsIn('records', join(folder.path, name)), modeOf(name)]).toEqual([1, '600']);
    },
  );

  it('keeps the members of a set that lives on, whatever each of them asked for', async () => {
    await using store = open();
    for (let n = 0; n < 50; n++) await store.addMember('long', `member-${n}`, 30);
    await store.addMember('long', 'last', 3600);
    await store.close();
    time.pass(60);
    await using again = open();
    expect(await again.members('long')).toHaveLength(51);
    time.pass(3540);
    expect(await again.members('long')).toEqual([]);
  });

  it('treats expired rows that have not left yet as gone', async () => {
    await using store = open();
    for (const key of ['taken', 'changed', 'extended', 'anew']) await store.write(key, '{}', 30);
    await store.addMember('index', 'old', 30);
    await store.count('counter', 30);

    time.pass(30);
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
  });

  it('keeps what a file of before holds, and marks it from then on', async () => {
    using before = new DatabaseSync(file());
    before.exec(`CREATE TABLE records (key TEXT PRIMARY KEY, value TEXT NOT NULL, expires_at INTEGER, taken_at INTEGER) STRICT;
      INSERT INTO records VALUES ('old', '{"n":1}', NULL, NULL)`);
    await using store = open();
    expect(await store.take({ record: 'old', nonce: 'a' })).toBe('taken');
    expect(await store.read('old')).toEqual({ value: '{"n":1}', takenAt: start / 1000 });
  });

  describe('protects its file', () => {
    it('in a folder that it creates, for this user only', async () => {
      const nested = join(folder.path, 'data', 'deep', 'auth.db');
      await using store = open(nested);
      await store.write('a', '{}');
      expect(modeOf(join(folder.path, 'data', 'deep'))).toBe('700');
      for (const path of [nested, `${nested}-wal`, `${nested}-shm`]) expect(modeOf(path)).toBe('600');
    });

    it('but leaves the mode that its owner gave it', async () => {
      await open().close();
      chmodSync(file(), 0o640);
      await open().close();
      expect(modeOf(file())).toBe('640');
    });

    it('and leaves no file behind when it is kept in memory', async () => {
      await open(':memory:').close();
      expect(() => statSync(':memory:')).toThrow('ENOENT');
    });
  });

  describe('is unavailable', () => {
    const isUnavailable = (asked: Promise<unknown>, cause: object) =>
      expect(asked).rejects.toMatchObject({ name: 'StoreUnavailable', status: 503, cause });

    it('after it was closed, by every verb; closing twice is fine', async () => {
      await using store = open();
      await store.close();
      await store.close();
      // The time it tells without its file.
      const { now: _now, ...others } = everyVerb;
      for (const ask of Object.values(others)) await expect(ask(store)).rejects.toThrow(StoreUnavailable);
    });

    it('while another process holds the file, and serves again afterwards', async () => {
      await using store = open();
      using other = new DatabaseSync(file());
      other.exec('BEGIN IMMEDIATE');
      await isUnavailable(store.write('k', '{}'), { errstr: 'database is locked' });
      await isUnavailable(store.addMember('i', 'm', 60), { errstr: 'database is locked' });
      other.exec('ROLLBACK');
      await store.write('k', '{}');
      await store.addMember('i', 'm', 60);
    });

    it('when the file fails it, for that verb only', async () => {
      await using store = open();
      await store.write('k', '{}');
      using other = new DatabaseSync(file());
      other.exec('DROP TABLE counters');
      await isUnavailable(store.count('c', 60), { errstr: 'SQL logic error' });
      expect(await store.read('k')).toEqual({ value: '{}' });
    });

    it('never silently: what is no database is not opened', () => {
      writeFileSync(file(), 'certainly not a database, but long enough to have a header'.repeat(10));
      expect(() => open()).toThrow('file is not a database');
    });
  });
});

function inFolder(path: string): Disposable {
  const before = process.cwd();
  process.chdir(path);
  return { [Symbol.dispose]: () => process.chdir(before) };
}

type Child = ChildProcessByStdio<Writable, Readable, null>;

const program = fileURLToPath(new URL('./store-child.ts', import.meta.url));

describe('the SQLite store, shared by processes', () => {
  const folder = fresh(temporaryFolder);
  const file = () => join(folder.path, 'auth.db');

  it.each([50, 200, 500])(
    'loses nothing that it acknowledged to a process that is killed after %d writes',
    async (enough) => {
      const child = startChild(file(), 'write');
      let acknowledged = -1;
      createInterface(child.stdout).on('line', (line) => {
        acknowledged = Number(line);
        if (acknowledged === enough) child.kill('SIGKILL');
      });
      await once(child, 'close');

      await using store = closing(createSqliteStore(file()));
      expect(acknowledged).toBeGreaterThanOrEqual(enough);
      for (let n = 0; n <= acknowledged; n++) {
        expect(await store.read(`written:${n}`)).toEqual({ value: `{"n":${n}}`, takenAt: expect.any(Number) });
      }
    },
  );

  it('keeps its promises between three that start on a new file at once', async () => {
    const children = [1, 2, 3].map(() => startChild(file(), 'race'));
    const outputs = children.map((child) => createInterface(child.stdout));
    await Promise.all(outputs.map((output) => once(output, 'line')));
    await using store = closing(createSqliteStore(file()));
    for (let n = 0; n < 300; n++) await store.write(`race:${n}`, '{}', 3600);

    const taken: string[] = [];
    for (const output of outputs) output.on('line', (line) => taken.push(line));
    for (const child of children) child.stdin.write('go\n');
    const ends = await Promise.all(children.map((child) => once(child, 'close')));

    expect(ends.map(([code]) => code)).toEqual([0, 0, 0]);
    expect(taken.sort()).toEqual(Array.from({ length: 300 }, (_, n) => `taken ${n}`).sort());
    expect((await store.readCount('counted')).count).toBe(900);
    expect(await store.members('members')).toHaveLength(900);
  });
});

function startChild(file: string, action: string): Child {
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, file, action], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}
