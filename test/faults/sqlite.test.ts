import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as whoeverElseIsServed } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { closing } from '../support/closing.ts';
import { fresh } from '../support/shared.ts';
import { temporaryFolder } from '../support/spawned-server.ts';

describe('the SQLite store', () => {
  const folder = fresh(temporaryFolder);
  const file = () => join(folder.path, 'auth.db');
  const open = () => closing(createSqliteStore(file()));

  it('waits for the lock of another process without holding up whoever else is served', async () => {
    await using store = open();
    using other = new DatabaseSync(file());
    other.exec('BEGIN IMMEDIATE');
    let settled = 0;
    const writes = Array.from({ length: 3 }, (_, n) => store.write(`k${n}`, '{}').finally(() => (settled += 1)));
    await whoeverElseIsServed();
    // A write that holds up the process until it has the lock, or gives up, is over when others have their turn.
    expect(settled).toBe(0);
    other.exec('ROLLBACK');
    await Promise.all(writes);
  });

  const rowsOfTables = {
    records: "(key, value, expires_at) SELECT 'r' || value, '{}', 1",
    members: "SELECT 's' || (value % 50), 'm' || value, 1",
    list_members: "SELECT 'l' || (value % 2), 'm' || value, value, 1, 1",
    counters: "SELECT 'c' || value, 1, 1",
    entries: "(feed, entry, expires_at) SELECT 'f' || (value % 2), '{}', 1",
  };
  const tables = Object.keys(rowsOfTables);

  it.each(Object.entries(rowsOfTables))('writes at once while 40,000 expired %s leave the file', async (table, row) => {
    await open().close();
    using other = new DatabaseSync(file());
    const numbers = 'WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 40000) ';
    other.exec(`${numbers} INSERT INTO ${table} ${row} FROM n`);
    const counts = tables.map((each) => `(SELECT count(*) FROM ${each})`);
    const counted = other.prepare(`SELECT ${counts.join(' + ')} AS n`);
    const rows = () => Number(counted.get()?.n);
    await using store = open();
    let before = rows();
    const leftAtOnce: number[] = [];
    // A slice leaves every 20 ms, and what is written waits for one of them at the most.
    for (let n = 0; leftAtOnce.length < 3 && before > 2 * n; n += 1) {
      await store.write(`live-${n}`, '{}', 3600);
      await store.addMember('live', `m-${n}`, 3600);
      await whoeverElseIsServed();
      const left = before + 2 - rows();
      before = rows();
      if (left > 0) leftAtOnce.push(left);
    }

    expect(leftAtOnce).toEqual([100, 100, 100]);
  });

  it('gives back the room of a log that a backlog made long (journal_size_limit)', async () => {
    await using store = open();
    using other = new DatabaseSync(file());
    const log = () => statSync(`${file()}-wal`).size / 2 ** 20;
    other.exec(`INSERT INTO records (key, value) VALUES ('large', hex(zeroblob(${40 * 2 ** 20})))`);
    expect(log()).toBeGreaterThan(80);
    await store.write('k', '{}');
    expect(log()).toBeLessThanOrEqual(64);
  });
});
