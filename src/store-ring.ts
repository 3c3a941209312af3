import type { Config } from './config/index.ts';
import { loadStoreSecret } from './keys/index.ts';
import { createKeys, createSecrecy, type Keys, openStore, type Secrecy, type Store } from './storage/index.ts';

/** A store, the names in it, and the secret that makes both worthless to a thief: they only work together. */
export interface StoreRing {
  readonly store: Store;
  readonly keys: Keys;
  readonly secrecy: Secrecy;
}

/** The one that the configuration names, or the caller's own store under the same names and secret. */
export async function openStoreRing(
  { store: location, storeSecret }: Pick<Config, 'store' | 'storeSecret'>,
  onError: (error: Error) => void,
  own?: Store,
): Promise<StoreRing> {
  const isSqlite = location.kind === 'sqlite';
  // The generated secret lives beside the embedded database; a Redis deployment in development has that folder too.
  const secrecy = createSecrecy(await loadStoreSecret(storeSecret, isSqlite ? location.file : 'data/auth.db'));
  const keys = createKeys(isSqlite ? '' : location.prefix, secrecy);
  return { store: own ?? openStore(location, onError), keys, secrecy };
}
