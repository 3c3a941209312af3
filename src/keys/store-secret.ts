import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Development needs no setting: the secret is made once and kept beside the database, readable by its owner only.
 * Production names it (`STORE_SECRET`): beside the database a thief would find both.
 */
export async function loadStoreSecret(databaseFile: string): Promise<string> {
  const secret = randomBytes(32).toString('base64url');
  if (databaseFile === ':memory:') return secret;
  const file = join(dirname(databaseFile), 'store-secret');
  await mkdir(dirname(file), { recursive: true });
  try {
    // Two processes may start at once: the first writes, the other reads.
    await writeFile(file, secret, { flag: 'wx', mode: 0o600 });
    return secret;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return (await readFile(file, 'utf8')).trim();
  }
}
