import { systemClock } from '../../src/clock.ts';
import {
  createLocalDirectory,
  createPasswordHasher,
  type LocalDirectory,
  type PasswordHasher,
} from '../../src/directory/index.ts';
import { createRecordNames, createRequestReads, createVault, type Store } from '../../src/storage/index.ts';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { cheapParameters } from '../support/cheap-passwords.ts';
import { onEachStore as onEachEmptyStore } from '../support/each-store.ts';

export const adasPassword = 'difference engine';

export function aStorage(given?: Store, prefix = 'test:', clock = systemClock) {
  const store: Store = given ?? createSqliteStore(':memory:', clock);
  const vault = createVault('a secret that only these tests know');
  const names = createRecordNames(prefix, vault);
  return { store, names, reads: createRequestReads(store), hash: vault.hash, clock };
}

/** The same specification on both stores; each test begins with an empty one. */
export function onEachStore(specify: (storage: () => ReturnType<typeof aStorage>) => void): void {
  onEachEmptyStore((current) => specify(() => aStorage(current().store, current().prefix)));
}

/** Ada owns Acme and is a viewer at Globex; nobody works for Initech. */
export async function adasDirectory(
  storage = aStorage(),
  passwords: PasswordHasher = createPasswordHasher(cheapParameters),
) {
  const directory: LocalDirectory = createLocalDirectory(storage, passwords);
  const [globex, acme, initech] = await Promise.all([
    directory.createOrganization({ slug: 'globex', name: 'Globex' }),
    directory.createOrganization({ slug: 'acme', name: 'Acme Corp' }),
    directory.createOrganization({ slug: 'initech', name: 'Initech' }),
  ]);
  const ada = await directory.createAccount({
    email: 'ada@example.com',
    name: 'Ada Lovelace',
    password: adasPassword,
    memberships: [
      { organizationId: globex.id, role: 'viewer' },
      { organizationId: acme.id, role: 'owner' },
    ],
  });
  return { directory, ada, acme, globex, initech, storage, close: () => storage.store.close() };
}

/** The real hasher, and how often it was asked to verify. */
export function countingHasher() {
  const real = createPasswordHasher(cheapParameters);
  const counted = { verifications: 0 };
  const counting =
    <Given extends unknown[]>(verify: (...given: Given) => Promise<boolean>) =>
    (...given: Given) => {
      counted.verifications += 1;
      return verify(...given);
    };
  const verifyPassword = counting(real.verifyPassword);
  const passwords = { ...real, verifyPassword, verifyAgainstNobody: counting(real.verifyAgainstNobody) };
  return { passwords, counted };
}

/** Ada's directory over the real store, and every call that reached that, as [key, verb, …arguments]. */
export async function aRecordedDirectory() {
  const storage = aStorage();
  const calls: unknown[][] = [];
  const store = new Proxy(storage.store, {
    get:
      (target, verb: keyof Store) =>
      (...args: unknown[]) => {
        calls.push([[args[0]].flat().join(' '), verb, ...args.slice(1)]);
        return (target[verb] as (...args: unknown[]) => unknown).apply(target, args);
      },
  });
  const reads = createRequestReads(store);
  return { ...(await adasDirectory({ ...storage, store, reads })), calls };
}
