import { existsSync, linkSync, renameSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';

/** Nothing was written, or it is gone again. Its message is all the operator needs. */
export class BackupRefused extends Error {
  readonly code = 'BACKUP_REFUSED';
}

export interface Backup {
  readonly bytes: number;
  readonly records: number;
}

/** For as long as another process may have the lock of the whole file. */
const timeoutMs = 5000;
/** All in one step: one read transaction, which holds up no writer. In several steps every write would start it anew. */
const allPages = 0x7fff_ffff;

/** Copies a database that servers use meanwhile, as it is at one moment, into one new file that its owner only may read. */
export async function backUp(file: string, to: string): Promise<Backup> {
  // Nor of a pipe, which would wait for somebody at its other end.
  if (!statSync(file, { throwIfNoEntry: false })?.isFile())
    throw new BackupRefused(`There is no database ${file} to back up.`);
  if (existsSync(to)) throw new BackupRefused(`${to} exists already; name a file that does not.`);
  const partial = `${to}.partial`;
  await createForOwner(partial);
  try {
    await copy(file, partial);
    const records = check(partial);
    await flush(partial);
    publish(partial, to);
    return { bytes: statSync(to).size, records };
  } catch (error) {
    if (error instanceof BackupRefused) throw error;
    throw new BackupRefused(`${file} cannot be backed up to ${to}: ${(error as Error).message}`);
  } finally {
    for (const path of [partial, `${partial}-journal`, `${partial}-wal`, `${partial}-shm`])
      rmSync(path, { force: true });
  }
}

/** SQLite would create it readable for everyone. */
async function createForOwner(path: string): Promise<void> {
  try {
    await (await open(path, 'wx', 0o600)).close();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'EEXIST' ? 'another backup to there runs, or was interrupted: remove that file' : message;
    throw new BackupRefused(`${path} cannot be written: ${reason}`);
  }
}

async function copy(file: string, to: string): Promise<void> {
  using database = new DatabaseSync(resolve(file), { readOnly: true, timeout: timeoutMs });
  await backup(database, to, { rate: allPages });
}

/** Leaves the copy without a log of its own: it is one file, to be carried anywhere. */
function check(path: string): number {
  using database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = DELETE');
  const [found] = Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {});
  if (found !== 'ok') throw new Error(`it is damaged (${found})`);
  return Number(database.prepare('SELECT count(*) AS count FROM records').get()?.count);
}

async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  await handle.sync();
  await handle.close();
}

/** What has come there meanwhile stays; only where there are no hard links it is looked for a moment before. */
function publish(partial: string, to: string): void {
  try {
    linkSync(partial, to);
  } catch (error) {
    const isTaken = (error as NodeJS.ErrnoException).code === 'EEXIST' || existsSync(to);
    if (isTaken) throw new BackupRefused(`${to} exists already; name a file that does not.`);
    renameSync(partial, to);
  }
}
