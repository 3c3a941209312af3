import { closeSync, existsSync, fstatSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Where a database is, and what throws when another file, or none, is there later. */
interface DatabaseFile {
  /** Absolute: of `file:x?mode=memory` SQLite would make a URI, and keep everything in memory. */
  readonly path: string;
  readonly check: () => void;
}

/** Creates folder and file for this user only; a file that exists keeps the mode its owner gave it. */
export function prepareDatabaseFile(file: string): DatabaseFile {
  const path = resolve(file);
  makeFolder(dirname(path));
  // Before it is opened: a pipe waits there for somebody at its other end, and some devices look locked for ever.
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === false) throw new Error(kindOf(path));
  // SQLite would create it readable for everyone. Its -wal and -shm files take over the mode of this one.
  const descriptor = openSync(path, 'a', 0o600);
  const { dev, ino } = fstatSync(descriptor);
  closeSync(descriptor);
  return {
    path,
    // A deleted one takes writes, and loses them.
    check() {
      const found = statSync(path, { throwIfNoEntry: false });
      if (found?.ino === ino && found.dev === dev) return;
      const what = found ? 'was replaced by another one' : 'was deleted';
      throw new Error(`${file} ${what} while it was open: start again, with the right file in its place`);
    },
  };
}

function kindOf(path: string): string {
  return statSync(path).isDirectory() ? 'it is a folder' : 'it is a device, a pipe or a socket, and no file';
}

/** Not `recursive`: where no folder can be made, as in /proc, that of Node 24 tries again without end. */
function makeFolder(path: string): void {
  if (existsSync(path)) {
    if (!statSync(path).isDirectory()) throw new Error(`${path} is no folder`);
    return;
  }
  makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process that starts now may have made it.
    if (!existsSync(path)) throw error;
  }
}
