import { randomBytes } from 'node:crypto';
import { changeRecord, type StoredRecord } from '../storage/index.ts';
import { DirectoryError } from './directory-error.ts';
import type { DirectoryStorage } from './directory-storage.ts';
import { normalizeEmail } from './email.ts';

/** Everything about an account in one record: whoever asks for a membership needs one read, and no two records disagree. */
export interface AccountRecord {
  readonly email: string;
  readonly name: string;
  /** Absent: its person signs in at an identity provider, and with no password. */
  readonly passwordHash?: string;
  /** How often it was replaced: what was sent for the one before counts no more. */
  readonly passwordVersion?: number;
  readonly disabled: boolean;
  readonly memberships: readonly MembershipRecord[];
  /** People of identity providers who were found by its email and sign in to it. */
  readonly linked?: readonly LinkedIdentity[];
  /** Of an account that an identity provider made: its issuer, where that is believed about emails (`linkByEmail`). */
  readonly emailBy?: string;
}

export interface LinkedIdentity {
  readonly issuer: string;
  readonly id: string;
}

export interface MembershipRecord {
  readonly organizationId: string;
  readonly role: string;
  /** The identity provider that said so at the last sign-in; absent: the operator did. */
  readonly by?: string;
}

export interface Accounts {
  find(accountId: string): Promise<AccountRecord | undefined>;
  findByEmail(
    email: string,
    alsoRead?: DirectoryStorage['alsoRead'],
  ): Promise<{ id: string; record: AccountRecord | undefined }>;
  /** Begins to read whose email this is. */
  readAhead(email: string): void;
  create(record: AccountRecord): Promise<string>;
  /** Under an id that only one identity can have; nothing when it is there already. */
  createAs(accountId: string, record: AccountRecord): Promise<void>;
  /** From now on this email finds this account, unless it finds another one. */
  claimEmail(accountId: string, email: string): Promise<void>;
  /** This email finds this account no more. */
  releaseEmail(accountId: string, email: string): Promise<void>;
  /** Applies the change to the newest record, again when somebody else was faster. */
  update(accountId: string, change: (record: AccountRecord) => AccountRecord): Promise<void>;
  /** For good; its email may belong to somebody else afterwards. */
  remove(accountId: string): Promise<void>;
  isEmpty(): Promise<boolean>;
  /** Every one that there is. */
  all(): Promise<{ id: string; record: AccountRecord }[]>;
}

const hundredYearsInSeconds = 3_155_760_000; // An index asks for a lifetime; accounts are kept for ever.

export function createAccounts({ store, names, reads, hash, formerHashes = [] }: DirectoryStorage): Accounts {
  const emailKeys = (email: string) =>
    [hash, ...formerHashes].map((hashBy) => names.accountByEmail(hashBy('email', normalizeEmail(email)))) as [
      string,
      ...string[],
    ];

  /** What is found under a secret of before is noted under the first, so that the other can go one day. */
  async function findId(email: string): Promise<string | undefined> {
    const keys = emailKeys(email);
    const [current, ...former] = await reads.read(keys);
    const stored = current ?? former.find((record) => record !== undefined);
    if (stored && !current) await store.writeIfAbsent(keys[0], stored.value);
    return stored && JSON.parse(stored.value).accountId;
  }

  async function find(accountId: string): Promise<AccountRecord | undefined> {
    return readAccount(await store.read(names.account(accountId)));
  }

  async function findByEmail(
    email: string,
    alsoRead: DirectoryStorage['alsoRead'] = () => [],
  ): Promise<{ id: string; record: AccountRecord | undefined }> {
    // An unknown email reads records too, that never exist: as many round trips as for a known one.
    const id = (await findId(email)) ?? 'acc_nobody';
    const name = names.account(id);
    // Not as it was before the try might be made.
    reads.forget([name]);
    const [stored] = await reads.read([name], alsoRead(id));
    return { id, record: readAccount(stored) };
  }

  async function create(record: AccountRecord): Promise<string> {
    const id = `acc_${randomBytes(16).toString('base64url')}`;
    // The email last: a crash in between leaves an account nobody can sign in to, not an email nobody can use.
    await store.write(names.account(id), JSON.stringify(record));
    await store.addMember(names.accounts(), id, hundredYearsInSeconds);
    const isTaken = (await findId(record.email)) !== undefined;
    if (!isTaken && (await store.writeIfAbsent(emailKeys(record.email)[0], JSON.stringify({ accountId: id }))))
      return id;
    await store.removeMember(names.accounts(), id);
    await store.remove([names.account(id)]);
    throw new DirectoryError('EMAIL_TAKEN');
  }

  async function createAs(accountId: string, record: AccountRecord): Promise<void> {
    await store.addMember(names.accounts(), accountId, hundredYearsInSeconds);
    await store.writeIfAbsent(names.account(accountId), JSON.stringify(record));
  }

  async function claimEmail(accountId: string, email: string): Promise<void> {
    if ((await findId(email)) === undefined)
      await store.writeIfAbsent(emailKeys(email)[0], JSON.stringify({ accountId }));
  }

  async function releaseEmail(accountId: string, email: string): Promise<void> {
    const keys = emailKeys(email);
    const found = await store.readMany(keys);
    // Only its own: an account may have an email that nobody verified, and that is another one's.
    const own = keys.filter((_key, index) => {
      const record = found[index];
      return record !== undefined && JSON.parse(record.value).accountId === accountId;
    });
    if (own.length > 0) await store.remove(own);
  }

  async function update(accountId: string, change: (record: AccountRecord) => AccountRecord): Promise<void> {
    const changed = await changeRecord(store, names.account(accountId), change);
    reads.forget([names.account(accountId)]);
    if (changed === 'absent') throw new DirectoryError('ACCOUNT_UNKNOWN');
    if (changed === 'lost') throw new DirectoryError('DIRECTORY_BUSY');
  }

  async function remove(accountId: string): Promise<void> {
    const record = await find(accountId);
    // The email first: a crash in between leaves an account nobody can sign in to, as in `create`.
    if (record) await releaseEmail(accountId, record.email);
    const linked = record?.linked?.map(({ id }) => names.identity(id)) ?? [];
    await store.remove([names.account(accountId), ...linked]);
    reads.forget([names.account(accountId)]);
    await store.removeMember(names.accounts(), accountId);
  }

  async function all() {
    const ids = await store.members(names.accounts());
    const stored = ids.length > 0 ? await store.readMany(ids.map(names.account)) : [];
    return ids.flatMap((id, index) => {
      const record = readAccount(stored[index]);
      return record ? [{ id, record }] : [];
    });
  }

  const readAhead = (email: string) => reads.ahead(emailKeys(email));
  const isEmpty = async () => (await store.someMembers(names.accounts(), 1)).length === 0;

  return { find, findByEmail, readAhead, create, createAs, claimEmail, releaseEmail, update, remove, isEmpty, all };
}

export function readAccount(stored: StoredRecord | undefined): AccountRecord | undefined {
  return stored && JSON.parse(stored.value);
}
