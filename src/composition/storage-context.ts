import type { Clock } from '../clock.ts';
import { type Config, ConfigError } from '../config/index.ts';
import { checkStoreSecret, loadStoreSecret, StoreSecretLost } from '../keys/index.ts';
import {
  type Backup,
  BackupRefused,
  backUp,
  createRecordNames,
  createRequestReads,
  createVault,
  openStore,
  type RecordNames,
  type RequestReads,
  type Store,
  StoreUnavailable,
  type Vault,
} from '../storage/index.ts';

/** A store, the names in it, and the secret that makes both worthless to a thief: they only work together. */
export interface StorageContext {
  readonly store: Store;
  readonly names: RecordNames;
  readonly vault: Vault;
  /** The same store, as far as it was read for the present request. */
  readonly reads: RequestReads;
}

type Location = Config['store'];

interface Opening {
  readonly store?: Store | undefined;
  readonly clock?: Clock;
  /** Throws where this store is not to be used: before anything is written to it. Not asked of the caller's own. */
  readonly beforeUse?: ((context: StorageContext) => Promise<void>) | undefined;
}

/** The one that the configuration names, or the caller's own store under the same names and secret. */
export async function openStorageContext(
  { store: location, storeSecrets }: Pick<Config, 'store' | 'storeSecrets'>,
  onError: (error: Error) => void,
  { store, clock, beforeUse }: Opening = {},
): Promise<StorageContext> {
  const opened = store ?? open(location, onError, clock);
  try {
    if (!store && location.kind === 'redis') await untilHeard(opened);
    const prefix = location.kind === 'sqlite' ? '' : location.prefix;
    const [first = await findSecret(location, () => isUsed(opened, prefix)), ...former] = storeSecrets ?? [];
    const vault = createVault(first, ...former);
    const names = createRecordNames(prefix, vault);
    const context = { store: opened, names, vault, reads: createRequestReads(opened) };
    if (!store) await beforeUse?.(context);
    await checkStoreSecret(context);
    return context;
  } catch (error) {
    if (!store) await opened.close().catch(() => undefined);
    throw error;
  }
}

const greetingMs = 5000;

/**
 * A machine that starts many things at once gives nobody the second that a connection may take. A Redis that is silent is
 * asked anew; what one says, and that none is there, is for whoever asks it next.
 */
async function untilHeard(store: Store): Promise<void> {
  const isHeard = () =>
    store.ping().then(
      () => true,
      ({ cause }) => !/timeout|is away|not answer/i.test(String(cause)),
    );
  for (const end = performance.now() + greetingMs; !(await isHeard()) && performance.now() < end; );
}

/** A copy of the store, made beside the servers that use it. */
export async function backUpStore(location: Location, to: string): Promise<Backup> {
  if (location.kind === 'redis')
    throw new BackupRefused(
      'The store is a Redis, which is backed up by its own means: BGSAVE, and a copy of its dump.rdb when LASTSAVE is newer.\n' +
        'Such a copy is worth nothing without STORE_SECRET: keep that too, elsewhere.',
    );
  if (location.file === ':memory:')
    throw new BackupRefused('The store is kept in memory (DATABASE): nothing to back up.');
  return backUp(location.file, to);
}

/** Whether something is kept that needs the secret; under names that are made without it. */
async function isUsed(store: Store, prefix: string): Promise<boolean> {
  const names = createRecordNames(prefix, createVault('only for names that hold no hash'));
  const keys = await store.readMany([names.storeSecret(), names.signingKeys(), names.cookieKeys(), names.policy()]);
  return keys.some(Boolean) || (await store.someMembers(names.accounts(), 1)).length > 0;
}

async function findSecret(location: Location, isUsed: () => Promise<boolean>): Promise<string> {
  // The generated secret lives beside the embedded database; a Redis deployment in development has that folder too.
  const file = location.kind === 'sqlite' ? location.file : 'data/auth.db';
  try {
    return await loadStoreSecret(file, isUsed);
  } catch (error) {
    if (error instanceof StoreUnavailable || error instanceof StoreSecretLost) throw error;
    const folder = location.kind === 'sqlite' ? 'the folder of DATABASE' : 'the folder data';
    const sentence = `is not set, and none can be kept in ${folder}: ${(error as Error).message}`;
    throw new ConfigError([{ where: 'STORE_SECRET', sentence }]);
  }
}

function open(location: Location, onError: (error: Error) => void, clock?: Clock): Store {
  try {
    return openStore(location, onError, clock);
  } catch (error) {
    if (location.kind !== 'sqlite') throw error;
    const sentence = `names a file that cannot be opened: ${location.file} (${reasonOf(error as SqliteError)})`;
    throw new ConfigError([{ where: 'DATABASE', sentence }]);
  }
}

type SqliteError = Error & { readonly errcode?: number };
const busy = 5; // SQLITE_BUSY
const notADatabase = 26; // SQLITE_NOTADB

function reasonOf({ errcode, message }: SqliteError): string {
  if ((errcode ?? 0) % 256 === busy) return 'another process keeps it locked';
  return errcode === notADatabase ? 'it is not a database of SQLite' : message;
}
