import { DatabaseSync } from 'node:sqlite';
import { prepareDatabaseFile } from './database-file.ts';

/** The event loop stands still while a statement waits for another process: afterwards the store tries again, later. */
const busyTimeoutMs = 2;
/** At the start nobody else is served; who has the lock for longer than the whole of it is named. */
const openTimeoutMs = 5000;
const journalBytes = 64 * 1024 * 1024;
const msBetweenAttempts = 50;

export interface OpenDatabase {
  readonly database: DatabaseSync;
  /** Throws when another file, or none, is where the open one was. */
  readonly checkFile: () => void;
}

export function openDatabase(file: string): OpenDatabase {
  const { path, check } = file === ':memory:' ? inMemory : prepareDatabaseFile(file);
  const database = new DatabaseSync(path, { timeout: openTimeoutMs });
  // In WAL mode a commit has been handed to the operating system before it is acknowledged, so a kill -9 of this process
  // loses nothing. NORMAL leaves out the fsync of each commit: a power failure can take back the last moments, never tear
  // the file. FULL would close that gap at one fsync a request.
  untilUnlocked(() => database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;'));
  untilUnlocked(() => database.exec(schema));
  untilUnlocked(() => addMark(database));
  // Of a file that once held a backlog the write-ahead log would stay as long as it ever was.
  database.exec(`PRAGMA journal_size_limit = ${journalBytes}; PRAGMA busy_timeout = ${busyTimeoutMs}`);
  return { database, checkFile: check };
}

const inMemory = { path: ':memory:', check: () => undefined };

/** A file of before records had one column for both marks keeps what it holds; what was taken there has long expired. */
function addMark(database: DatabaseSync): void {
  const columns = database.prepare("SELECT name FROM pragma_table_info('records')").all();
  if (!columns.some(({ name }) => name === 'mark')) database.exec('ALTER TABLE records ADD COLUMN mark TEXT');
}

/** Turning a new file to WAL does not wait for another process that does the same: SQLite says at once that it is locked. */
function untilUnlocked(work: () => void): void {
  for (const until = performance.now() + openTimeoutMs; ; ) {
    try {
      work();
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() >= until) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, msBetweenAttempts);
    }
  }
}

const sqliteBusy = 5;

/** Another process has the lock. The code is extended by what kind of lock. */
export function isBusy(error: unknown): boolean {
  return ((error as { errcode?: number } | undefined)?.errcode ?? 0) % 256 === sqliteBusy;
}

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
  CREATE INDEX IF NOT EXISTS members_by_set_expiry ON members (set_key, expires_at);
  CREATE TABLE IF NOT EXISTS list_members (
    list_key TEXT NOT NULL,
    member TEXT NOT NULL,
    position INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (list_key, member)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS list_members_by_position ON list_members (list_key, position, member, expires_at);
  CREATE INDEX IF NOT EXISTS list_members_by_due ON list_members (list_key, due_at);
  CREATE INDEX IF NOT EXISTS list_members_by_expiry ON list_members (expires_at);
  CREATE TABLE IF NOT EXISTS list_counts (list_key TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TRIGGER IF NOT EXISTS list_members_come AFTER INSERT ON list_members BEGIN
    INSERT INTO list_counts VALUES (new.list_key, 1) ON CONFLICT DO UPDATE SET count = count + 1;
  END;
  CREATE TRIGGER IF NOT EXISTS list_members_go AFTER DELETE ON list_members BEGIN
    UPDATE list_counts SET count = count - 1 WHERE list_key = old.list_key;
    DELETE FROM list_counts WHERE list_key = old.list_key AND count = 0;
  END;
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
