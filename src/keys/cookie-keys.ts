import { randomBytes } from 'node:crypto';
import { loadOrCreateSealed } from './sealed-record.ts';
import type { StorageContext } from './signing-keys.ts';

/** The first signs, all verify: a new one is put in front, the old one removed when its cookies have expired. */
export async function loadCookieKeys(
  storage: StorageContext,
  configured: readonly string[] | undefined,
): Promise<string[]> {
  if (configured) return [...configured];
  return loadOrCreateSealed(storage, storage.names.cookieKeys(), async () => [randomBytes(32).toString('base64url')]);
}
