import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Development needs no setting: the secret is made once and kept beside the database, readable by its owner only.
 * Production names it (`STORE_SECRET`): beside the database a thief would find both.
 */
export async function loadStoreSecret(databaseFile: string, isUsed: () => Promise<boolean>): Promise<string> {
  const secret = randomBytes(32).toString('base64url');
  if (databaseFile === ':memory:') return secret;
  const file = join(dirname(databaseFile), 'store-secret');
  await mkdir(dirname(file), { recursive: true });
  const kept = await readSecret(file);
  if (kept !== undefined) return kept;
  // Another process may have begun with this very store, and this very file, meanwhile.
  if (await isUsed()) return (await readSecret(file)) ?? lost(file);
  try {
    // Two processes may start at once: the first writes, the other reads.
    await writeFile(file, secret, { flag: 'wx', mode: 0o600 });
    return secret;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return (await readFile(file, 'utf8')).trim();
  }
}

async function readSecret(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}

function lost(file: string): never {
  throw new StoreSecretLost(file);
}

/** A new one beside the records that the old one opened would hide that they are lost without it. */
export class StoreSecretLost extends Error {
  override readonly name = 'StoreSecretLost';
  readonly code = 'STORE_SECRET_LOST';

  constructor(file: string) {
    super(
      `STORE_SECRET is lost: ${file} is gone, and the store holds what was written with it. ` +
        'Put that file back, or set STORE_SECRET to what it held, or start with an empty store.',
    );
  }
}
