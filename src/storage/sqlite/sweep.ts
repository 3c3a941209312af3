import type { DatabaseSync } from 'node:sqlite';

/** Bounded, because requests wait meanwhile: about a millisecond. */
const rowsASlice = 100;
/** Nine parts of ten of the time belong to the requests. */
const sliceIntervalMs = 20;
const intervalMs = 60_000;

export interface Sweep {
  /** Removes some of the expired rows, and more of them later, until it is closed. */
  run(): void;
  close(): void;
}

/**
 * Makes expired rows leave the file, beside the requests: when it is opened, and then once a minute, in slices as long as
 * there are any. Its timer keeps no process alive.
 */
export function createSweep(database: DatabaseSync, now: () => number): Sweep {
  const tables = [
    table(database, 'records', ['key']),
    table(database, 'members', ['set_key', 'member'], bringUp(database)),
    table(database, 'list_members', ['list_key', 'member']),
    table(database, 'counters', ['key']),
    table(database, 'entries', ['id']),
  ];

  function slice(nowMs: number): boolean {
    // The transaction is that of the whole slice: one commit, and no other process in between.
    database.exec('BEGIN IMMEDIATE');
    try {
      let left = rowsASlice;
      for (const sweepTable of tables) left -= sweepTable(nowMs, left);
      database.exec('COMMIT');
      return left === 0;
    } finally {
      if (database.isTransaction) database.exec('ROLLBACK');
    }
  }

  function run(): void {
    let hasMore = false;
    try {
      hasMore = slice(now());
    } catch {
      // Another process writes, or the disk is full: there is no hurry, and requests tell of it.
    }
    clearTimeout(timer);
    timer = setTimeout(run, hasMore ? sliceIntervalMs : intervalMs).unref();
  }

  let timer: NodeJS.Timeout | undefined;
  return { run, close: () => clearTimeout(timer) };
}

/** By primary key, row for row: a subquery of several columns is answered by reading the whole table (SQLite 3.50). */
function table(
  database: DatabaseSync,
  name: string,
  primaryKey: readonly string[],
  keeps: (nowMs: number, ...key: (string | number)[]) => boolean = () => false,
) {
  const find = database.prepare(`SELECT ${primaryKey.join(', ')} FROM ${name} WHERE expires_at <= ? LIMIT ?`);
  const remove = database.prepare(
    `DELETE FROM ${name} WHERE ${primaryKey.map((column) => `${column} = ?`).join(' AND ')}`,
  );
  return (nowMs: number, limit: number): number => {
    if (limit <= 0) return 0;
    const rows = find.all(nowMs, limit);
    for (const row of rows) {
      const key = primaryKey.map((column) => row[column] as string | number);
      if (!keeps(nowMs, ...key)) remove.run(...key);
    }
    return rows.length;
  };
}

/** A member whose set lives longer than its row says stays, and its row says so from now on. */
function bringUp(database: DatabaseSync) {
  const extend = database.prepare(`
    UPDATE members SET expires_at = of_set.expires_at
    FROM (SELECT max(expires_at) AS expires_at FROM members WHERE set_key = $set) AS of_set
    WHERE set_key = $set AND member = $member AND of_set.expires_at > $now`);
  return (now: number, set: string | number = '', member: string | number = '') =>
    extend.run({ set, member, now }).changes === 1;
}
