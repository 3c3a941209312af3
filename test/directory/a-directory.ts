import { systemClock } from '../../src/clock.ts';
import {
  createLocalDirectory,
  createPasswordHasher,
  type LocalDirectory,
  type PasswordHasher,
} from '../../src/directory/index.ts';
import { createRecordNames, createVault, type Store } from '../../src/storage/index.ts';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { cheapParameters } from '../support/cheap-passwords.ts';

export const adasPassword = 'difference engine';

export function aStorage(given?: Store, prefix = 'test:', clock = systemClock) {
  const store: Store = given ?? createSqliteStore(':memory:', clock);
  const vault = createVault('a secret that only these tests know');
  const names = createRecordNames(prefix, vault);
  return { store, names, hash: vault.hash, clock };
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
  return { directory, ada, acme, globex, initech, storage };
}

/** The real hasher, and how often it was asked to verify. */
export function countingHasher() {
  const passwords = createPasswordHasher(cheapParameters);
  const counted = { verifications: 0 };
  const counting: PasswordHasher = {
    ...passwords,
    verifyPassword(password, stored) {
      counted.verifications += 1;
      return passwords.verifyPassword(password, stored);
    },
    verifyAgainstNobody(password) {
      counted.verifications += 1;
      return passwords.verifyAgainstNobody(password);
    },
  };
  return { passwords: counting, counted };
}

/** The real store, and every call that reached it, as [key, verb, …arguments]. */
export function aRecordedStorage() {
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
  return { storage: { ...storage, store }, calls };
}
