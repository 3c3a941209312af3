// Loaded before everything else (`node --import`): while the file DISK_IS_FULL exists, no database grows, and SQLite
// answers as it does where a disk is full (SQLITE_FULL).
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

const everyMs = 20;
const endless = 4_294_967_294;
const databases = new Set();
const { exec } = DatabaseSync.prototype;
let isFull = false;

DatabaseSync.prototype.exec = function (sql) {
  databases.add(this);
  return exec.call(this, sql);
};

setInterval(() => {
  const now = existsSync(process.env.DISK_IS_FULL ?? '');
  if (now === isFull) return;
  isFull = now;
  // SQLite takes the present size where less is asked for.
  for (const database of databases)
    if (database.isOpen) exec.call(database, `PRAGMA max_page_count = ${isFull ? 1 : endless}`);
}, everyMs).unref();
