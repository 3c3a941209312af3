import type { DatabaseSync } from 'node:sqlite';

/** Bounded, because it holds up the request that happens to trigger it. */
const rowsATable = 500;
const intervalMs = 60_000;

/**
 * Makes expired rows leave the file: when it is opened and then, once a minute, with some write. No timer, which would
 * keep a process alive that has nothing else to do; a store that nobody writes to does not grow.
 */
export function createSweep(database: DatabaseSync): (nowMs: number) => void {
  const deletions = [
    deletion('records', 'key'),
    deletion('members', 'set_key, member'),
    deletion('counters', 'key'),
    deletion('entries', 'id'),
  ].map((sql) => database.prepare(sql));
  let dueAt = 0;
  return (nowMs) => {
    if (nowMs < dueAt) return;
    const removed = deletions.map((statement) => Number(statement.run({ now: nowMs, limit: rowsATable }).changes));
    // A backlog goes on with the next write.
    dueAt = removed.some((rows) => rows === rowsATable) ? nowMs : nowMs + intervalMs;
  };
}

function deletion(table: string, primaryKey: string): string {
  return `DELETE FROM ${table} WHERE (${primaryKey}) IN
    (SELECT ${primaryKey} FROM ${table} WHERE expires_at <= $now LIMIT $limit)`;
}
