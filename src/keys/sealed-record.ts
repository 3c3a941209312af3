import type { Store, Vault } from '../storage/index.ts';

/** Keys that are made once and then shared by every node: whoever comes first writes, everybody reads what was written. */
export async function loadOrCreateSealed<T>(
  { store, vault }: { store: Store; vault: Vault },
  key: string,
  create: () => Promise<T>,
): Promise<T> {
  let record = await store.read(key);
  if (!record) {
    await store.writeIfAbsent(key, JSON.stringify({ sealed: vault.encrypt(key, JSON.stringify(await create())) }));
    record = await store.read(key);
  }
  if (!record) throw new Error(`The store forgot ${key} right after it was written.`);
  const opened = open(vault, key, JSON.parse(record.value).sealed);
  // Under the first of several secrets from now on, so that those of before can go one day.
  if (vault.hashers.length > 1) {
    await store.compareAndSet(key, record.value, JSON.stringify({ sealed: vault.encrypt(key, opened) }));
  }
  return JSON.parse(opened);
}

function open(vault: Vault, key: string, sealed: string) {
  try {
    return vault.decrypt(key, sealed);
  } catch (cause) {
    throw new StoreSecretMismatch(cause);
  }
}

/** Going on with new keys would sign everybody out and hide the error. */
class StoreSecretMismatch extends Error {
  override readonly name = 'StoreSecretMismatch';
  readonly code = 'STORE_SECRET_MISMATCH';

  constructor(cause: unknown) {
    super('STORE_SECRET is not the one this store was written with: set it back, or start with an empty store.', {
      cause,
    });
  }
}
