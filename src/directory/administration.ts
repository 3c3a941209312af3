import type { AccountRecord, Accounts, MembershipRecord } from './accounts.ts';
import { createDescriptions, type Descriptions } from './descriptions.ts';
import type { Account, Organization } from './directory.ts';
import { DirectoryError } from './directory-error.ts';
import { checkEmail, normalizeEmail } from './email.ts';
import type { Organizations } from './organizations.ts';
import type { PasswordHasher } from './password.ts';

/** What an operator may do to the local directory. Every refusal is a `DirectoryError`. */
export interface DirectoryAdministration extends Descriptions {
  createOrganization(organization: { slug: string; name: string }): Promise<Organization>;
  findOrganizationBySlug(slug: string): Promise<Organization | undefined>;
  findOrganization(organizationId: string): Promise<Organization | undefined>;
  createAccount(account: NewAccount): Promise<Account>;
  /** Also one that is disabled. */
  findAccountByEmail(email: string): Promise<Account | undefined>;
  /** The same by its id: not every email of an identity provider finds an account. */
  findAccountById(accountId: string): Promise<Account | undefined>;
  /** Makes the account a member, or changes the role of a member. */
  setMembership(accountId: string, organizationId: string, role: string): Promise<void>;
  /** False when there was none. */
  endMembership(accountId: string, organizationId: string): Promise<boolean>;
  disableAccount(accountId: string): Promise<void>;
  enableAccount(accountId: string): Promise<void>;
  /** `version`: of the password that is to be replaced; `PASSWORD_REPLACED` when it is another one by now. */
  changePassword(accountId: string, password: string, version?: number): Promise<void>;
  /**
   * An account whose person may choose another password: enabled, and with one. By its id or its email; as many reads where
   * there is none.
   */
  findWithPassword(by: { readonly id: string } | { readonly email: string }): Promise<AccountWithPassword | undefined>;
  /** Whether it is the password of this account, which may be disabled. */
  hasPassword(accountId: string, password: string): Promise<boolean>;
  /** Removes the account for good. Disable it first: gateways are told then. */
  removeAccount(accountId: string): Promise<void>;
  /** Also of one that is disabled. An identity provider says it anew at the next sign-in of an account that it made. */
  renameAccount(accountId: string, name: string): Promise<void>;
  /** Its slug stays. */
  renameOrganization(organization: Organization, name: string): Promise<void>;
  /** For good: whatever its members connected for it ends. They stay, with their other organizations. */
  removeOrganization(organization: Organization): Promise<void>;
  isEmpty(): Promise<boolean>;
}

export interface AccountWithPassword extends Account {
  /** Of the password: another one after each change. */
  readonly version: number;
}

interface NewAccount {
  readonly email: string;
  readonly name: string;
  readonly password: string;
  readonly memberships?: readonly MembershipRecord[];
}

export function createAdministration(
  accounts: Accounts,
  organizations: Organizations,
  passwords: PasswordHasher,
): DirectoryAdministration {
  async function checkOrganization(organizationId: string): Promise<void> {
    if (!(await organizations.find(organizationId))) throw new DirectoryError('ORGANIZATION_UNKNOWN');
  }

  async function createAccount({ email, name, password, memberships = [] }: NewAccount): Promise<Account> {
    const normalized = normalizeEmail(email);
    checkEmail(normalized);
    await Promise.all(memberships.map(({ organizationId }) => checkOrganization(organizationId)));
    const passwordHash = await passwords.hashPassword(password);
    const id = await accounts.create({ email: normalized, name, passwordHash, disabled: false, memberships });
    return { id, email: normalized, name };
  }

  async function findAccountByEmail(email: string): Promise<Account | undefined> {
    const { id, record } = await accounts.findByEmail(email);
    return record && { id, email: record.email, name: record.name };
  }

  async function findAccountById(id: string): Promise<Account | undefined> {
    const record = await accounts.find(id);
    return record && { id, email: record.email, name: record.name };
  }

  async function setMembership(accountId: string, organizationId: string, role: string): Promise<void> {
    await checkOrganization(organizationId);
    await accounts.update(accountId, (record) => withMembership(record, { organizationId, role }));
  }

  async function endMembership(accountId: string, organizationId: string): Promise<boolean> {
    let wasMember = false;
    await accounts.update(accountId, (record) => {
      const left = withoutMembership(record, organizationId);
      wasMember = left.memberships.length < record.memberships.length;
      return left;
    });
    return wasMember;
  }

  async function changePassword(accountId: string, password: string, version?: number): Promise<void> {
    const passwordHash = await passwords.hashPassword(password);
    await accounts.update(accountId, (record) => {
      const current = record.passwordVersion ?? 0;
      // Looked at in the step that writes: of two who were sent a link each, one chooses.
      if (version !== undefined && version !== current) throw new DirectoryError('PASSWORD_REPLACED');
      return { ...record, passwordHash, passwordVersion: current + 1 };
    });
  }

  async function findWithPassword(by: { id: string } | { email: string }): Promise<AccountWithPassword | undefined> {
    const { id, record } =
      'id' in by ? { id: by.id, record: await accounts.find(by.id) } : await accounts.findByEmail(by.email);
    if (record?.passwordHash === undefined || record.disabled) return undefined;
    return { id, email: record.email, name: record.name, version: record.passwordVersion ?? 0 };
  }

  return {
    createOrganization: organizations.create,
    findOrganizationBySlug: organizations.findBySlug,
    findOrganization: organizations.find,
    createAccount,
    findAccountByEmail,
    findAccountById,
    setMembership,
    endMembership,
    disableAccount: (accountId) => accounts.update(accountId, (record) => ({ ...record, disabled: true })),
    enableAccount: (accountId) => accounts.update(accountId, (record) => ({ ...record, disabled: false })),
    changePassword,
    findWithPassword,
    async hasPassword(accountId, password) {
      const record = await accounts.find(accountId);
      return record?.passwordHash !== undefined && passwords.verifyPassword(password, record.passwordHash);
    },
    removeAccount: accounts.remove,
    renameAccount: (accountId, name) => accounts.update(accountId, (record) => ({ ...record, name })),
    renameOrganization: organizations.rename,
    removeOrganization: organizations.remove,
    ...createDescriptions(accounts, organizations),
    isEmpty: accounts.isEmpty,
  };
}

function withMembership(record: AccountRecord, membership: MembershipRecord): AccountRecord {
  const others = withoutMembership(record, membership.organizationId).memberships;
  return { ...record, memberships: [...others, membership] };
}

function withoutMembership(record: AccountRecord, organizationId: string): AccountRecord {
  const memberships = record.memberships.filter((membership) => membership.organizationId !== organizationId);
  return { ...record, memberships };
}
