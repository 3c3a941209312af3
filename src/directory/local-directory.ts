import { isDeepStrictEqual } from 'node:util';
import QuickLRU from 'quick-lru';
import type { StoredRecord } from '../storage/index.ts';
import { type AccountRecord, createAccounts, type MembershipRecord, readAccount } from './accounts.ts';
import { createAdministration, type DirectoryAdministration } from './administration.ts';
import type { Account, Directory, Membership } from './directory.ts';
import type { DirectoryStorage } from './directory-storage.ts';
import { createIdentities, type Identities } from './identities.ts';
import { createOrganizations, readOrganization } from './organizations.ts';
import { PasswordsOverloaded } from './overloaded.ts';
import { createPasswordHasher, type PasswordHasher } from './password.ts';

export type LocalDirectory = Directory & DirectoryAdministration & StoredMemberships & Identities;

/** Accounts and memberships as records of our own store, so that a request may read them along with what else it reads. */
export interface StoredMemberships {
  /** Begins to read what `signIn` with this email reads first, whether it is somebody's or not. */
  readAhead(email: string): void;
  /** The names of the records that a membership is made of. */
  membershipRecords(accountId: string, organizationId: string): string[];
  /** The answer of `findMembership`, from these records. */
  membershipFrom(organizationId: string, records: readonly (StoredRecord | undefined)[]): Membership | undefined;
  /** The name of the record that `findAccount` reads. */
  accountRecord(accountId: string): string;
  /** Those that `findAccountWithMemberships` is going to read, as far as it was asked before. */
  accountRecords(accountId: string): string[];
}

interface Options {
  /** Whether what this identity provider said of memberships still counts: not when it was taken out of the configuration. */
  readonly believes?: (provider: string) => boolean;
  /** Takes away what is kept elsewhere of an account that is removed. */
  readonly onRemoved?: (accountId: string) => Promise<unknown>;
}

/** The directory that keeps accounts, passwords and memberships in our own store. */
export function createLocalDirectory(
  storage: DirectoryStorage,
  passwords: PasswordHasher = createPasswordHasher(),
  { believes = () => true, onRemoved }: Options = {},
): LocalDirectory {
  const accounts = createAccounts(storage);
  const organizations = createOrganizations(storage);

  const memberOf = new QuickLRU<string, readonly string[]>({ maxSize: 5000 });
  const counts = ({ by }: MembershipRecord) => by === undefined || believes(by);

  async function signIn(email: string, password: string): Promise<Account | undefined> {
    const { id, record } = await accounts.findByEmail(email, storage.alsoRead);
    // Same work with and without an account, so that the delay of the answer does not reveal who has one.
    // One exception: after a change of parameters an account costs the old work until its next sign-in rehashes it.
    const { passwordHash } = record ?? {};
    const matches =
      passwordHash === undefined
        ? await passwords.verifyAgainstNobody(password)
        : await passwords.verifyPassword(password, passwordHash);
    if (!matches || passwordHash === undefined || !isEnabled(record)) return undefined;
    if (passwords.needsRehash(passwordHash)) await rehash(id, password, passwordHash);
    return asAccount(id, record);
  }

  async function rehash(accountId: string, password: string, verifiedHash: string): Promise<void> {
    const passwordHash = await passwords.hashPassword(password).catch(unlessOverloaded);
    // In a crowd the next sign-in sees to it.
    if (passwordHash === undefined) return;
    // A password that was changed while we hashed the old one stays changed.
    await accounts.update(accountId, (record) =>
      record.passwordHash === verifiedHash ? { ...record, passwordHash } : record,
    );
  }

  async function findAccount(accountId: string): Promise<Account | undefined> {
    const [stored] = await storage.reads.read([storage.names.account(accountId)]);
    const record = readAccount(stored);
    return isEnabled(record) ? asAccount(accountId, record) : undefined;
  }

  async function findAccountWithMemberships(accountId: string) {
    const guess = memberOf.get(accountId) ?? [];
    const [stored, ...likely] = await storage.reads.read(accountRecords(accountId));
    const record = readAccount(stored);
    if (!isEnabled(record)) return undefined;
    const counting = record.memberships.filter(counts);
    const ids = counting.map(({ organizationId }) => organizationId);
    memberOf.set(accountId, ids);
    const known = isDeepStrictEqual(ids, guess)
      ? ids.map((id, n) => readOrganization(id, likely[n]))
      : await organizations.findMany(ids);
    const found = counting.flatMap(({ role }, n) => {
      const organization = known[n];
      return organization ? [{ organization, role }] : [];
    });
    const memberships = found.sort((a, b) => a.organization.name.localeCompare(b.organization.name, 'en'));
    return { account: asAccount(accountId, record), memberships };
  }

  function accountRecords(accountId: string): string[] {
    const { account, organization } = storage.names;
    return [account(accountId), ...(memberOf.get(accountId) ?? []).map(organization)];
  }

  // One read. A refresh has read its records already, and asks `membershipFrom`.
  async function findMembership(accountId: string, organizationId: string): Promise<Membership | undefined> {
    return membershipFrom(organizationId, await storage.store.readMany(membershipRecords(accountId, organizationId)));
  }

  function membershipRecords(accountId: string, organizationId: string): string[] {
    return [storage.names.account(accountId), storage.names.organization(organizationId)];
  }

  function membershipFrom(organizationId: string, [account, stored]: readonly (StoredRecord | undefined)[]) {
    const record = readAccount(account);
    const organization = readOrganization(organizationId, stored);
    if (!isEnabled(record) || !organization) return undefined;
    const membership = record.memberships.find((each) => each.organizationId === organizationId && counts(each));
    return membership && { organization, role: membership.role };
  }

  return {
    signIn,
    readAhead: accounts.readAhead,
    findAccount,
    memberships: async (accountId) => (await findAccountWithMemberships(accountId))?.memberships ?? [],
    findMembership,
    membershipRecords,
    membershipFrom,
    accountRecord: storage.names.account,
    accountRecords,
    findAccountWithMemberships,
    ...createAdministration(accounts, organizations, passwords),
    ...createIdentities(storage, accounts, organizations),
    async removeAccount(accountId) {
      await accounts.remove(accountId);
      await onRemoved?.(accountId);
    },
  };
}

function isEnabled(record: AccountRecord | undefined): record is AccountRecord {
  return record !== undefined && !record.disabled;
}

function asAccount(id: string, { email, name }: AccountRecord): Account {
  return { id, email, name };
}

function unlessOverloaded(error: unknown): undefined {
  if (!(error instanceof PasswordsOverloaded)) throw error;
}
