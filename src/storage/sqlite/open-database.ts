import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * How long a statement waits for another process's. Writes take well under 1 ms; this much is for machines so loaded that
 * the other process is not given a turn, where a late answer is still better than none.
 */
const busyTimeoutMs = 5000;
const openAttempts = 100;
const msBetweenAttempts = 50;

/** Creates folder and file for this user only; a file that exists keeps the mode its owner gave it. */
export function openDatabase(file: string): DatabaseSync {
  if (file !== ':memory:') {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    // SQLite would create it readable for everyone. Its -wal and -shm files take over the mode of this one.
    closeSync(openSync(file, 'a', 0o600));
  }
  const database = new DatabaseSync(file, { timeout: busyTimeoutMs });
  // In WAL mode a commit has been handed to the operating system before it is acknowledged, so a kill -9 of this process
  // loses nothing. NORMAL leaves out the fsync of each commit: a power failure can take back the last moments, never tear
  // the file. FULL would close that gap at one fsync a request.
  untilUnlocked(() => database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;'));
  untilUnlocked(() => database.exec(schema));
  untilUnlocked(() => addMark(database));
  return database;
}

/** A file of before records had one column for both marks keeps what it holds; what was taken there has long expired. */
function addMark(database: DatabaseSync): void {
  const columns = database.prepare("SELECT name FROM pragma_table_info('records')").all();
  if (!columns.some(({ name }) => name === 'mark')) database.exec('ALTER TABLE records ADD COLUMN mark TEXT');
}

/** Turning a new file to WAL does not wait for another process that does the same: SQLite says at once that it is locked. */
function untilUnlocked(work: () => void): void {
  for (let attempt = 1; ; attempt += 1) {
    try {
      work();
      return;
    } catch (error) {
      if (((error as { errcode?: number }).errcode ?? 0) % 256 !== sqliteBusy || attempt === openAttempts) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, msBetweenAttempts);
    }
  }
}

const sqliteBusy = 5;

/** Times are milliseconds since the epoch; a record whose `expires_at` is NULL stays for ever. */
const schema = `
  BEGIN IMMEDIATE;
  CREATE TABLE IF NOT EXISTS records (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    expires_at INTEGER,
    mark TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS records_by_expiry ON records (expires_at) WHERE expires_at IS NOT NULL;
  CREATE TABLE IF NOT EXISTS members (
    set_key TEXT NOT NULL,
    member TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (set_key, member)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS members_by_expiry ON members (expires_at);
  CREATE TABLE IF NOT EXISTS counters (
    key TEXT PRIMARY KEY,
    count INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS counters_by_expiry ON counters (expires_at);
  CREATE TABLE IF NOT EXISTS entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    feed TEXT NOT NULL,
    entry TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS entries_by_feed ON entries (feed, id);
  CREATE INDEX IF NOT EXISTS entries_by_expiry ON entries (expires_at);
  COMMIT;
`;
