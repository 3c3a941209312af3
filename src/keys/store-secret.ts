import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RecordNames, Store, Vault } from '../storage/index.ts';
import { loadOrCreateSealed } from './sealed-record.ts';

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
    return readSoon(file);
  }
}

/**
 * Throws where the store was written with another secret. With keys in files and a directory elsewhere nothing else says
 * so: every connection would be gone in silence.
 */
export async function checkStoreSecret(storage: { store: Store; names: RecordNames; vault: Vault }): Promise<void> {
  await loadOrCreateSealed(storage, storage.names.storeSecret(), async () => 'the right one');
}

/** Whoever made the file a moment ago has perhaps not yet written into it. */
async function readSoon(file: string): Promise<string> {
  for (let tries = 0; tries < 20; tries += 1) {
    const kept = await readSecret(file);
    if (kept !== undefined) return kept;
    await delay(50);
  }
  return lost(file);
}

/** An empty file holds none: a disk that was full has left it. */
async function readSecret(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim() || undefined;
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
      `STORE_SECRET is lost: ${file} is gone or empty, and the store holds what was written with it. ` +
        'Put that file back, or set STORE_SECRET to what it held, or start with an empty store.',
    );
  }
}
