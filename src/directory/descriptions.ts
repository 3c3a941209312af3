import type { Accounts } from './accounts.ts';
import type { Account, Membership } from './directory.ts';
import type { Organizations } from './organizations.ts';

/** What is kept of people here, for whoever may know it. Never with what somebody could sign in. */
export interface Descriptions {
  /** In the order of their emails. */
  listAccounts(): Promise<ListedAccount[]>;
  /** All that is kept of a person here, but nothing with which somebody could sign in; nothing when there is none. */
  describeAccount(accountId: string): Promise<AccountDescription | undefined>;
  /** Those that are disabled as well. Reads every account. */
  membersOf(organizationId: string): Promise<Member[]>;
}

interface AccountDescription extends Account {
  readonly disabled: boolean;
  readonly hasPassword: boolean;
  readonly memberships: readonly Membership[];
  /** Identity providers at which they sign in to it. */
  readonly signsInAt: readonly string[];
}

interface Member extends Account {
  readonly role: string;
}

interface ListedAccount extends Account {
  readonly disabled: boolean;
  readonly memberships: readonly { readonly organization: string; readonly role: string }[];
}

export function createDescriptions(accounts: Accounts, organizations: Organizations): Descriptions {
  async function listAccounts(): Promise<ListedAccount[]> {
    const all = await accounts.all();
    const ids = new Set(all.flatMap(({ record }) => record.memberships.map(({ organizationId }) => organizationId)));
    const found = await organizations.findMany([...ids]);
    const slugs = new Map([...ids].map((id, index) => [id, found[index]?.slug ?? id]));
    return all
      .map(({ id, record: { email, name, disabled, memberships } }) => ({
        ...{ id, email, name, disabled },
        memberships: memberships.map(({ organizationId, role }) => ({
          organization: slugs.get(organizationId) ?? organizationId,
          role,
        })),
      }))
      .toSorted((one, other) => one.email.localeCompare(other.email, 'en'));
  }

  async function describeAccount(id: string): Promise<AccountDescription | undefined> {
    const record = await accounts.find(id);
    if (!record) return undefined;
    const { email, name, disabled, passwordHash, linked = [] } = record;
    const found = await organizations.findMany(record.memberships.map(({ organizationId }) => organizationId));
    const memberships = record.memberships.flatMap(({ role }, n) => {
      const organization = found[n];
      return organization ? [{ organization, role }] : [];
    });
    const signsInAt = linked.map(({ issuer }) => issuer);
    return { id, email, name, disabled, hasPassword: passwordHash !== undefined, memberships, signsInAt };
  }

  async function membersOf(organizationId: string): Promise<Member[]> {
    return (await accounts.all()).flatMap(({ id, record: { email, name, memberships } }) => {
      const membership = memberships.find((each) => each.organizationId === organizationId);
      return membership ? [{ id, email, name, role: membership.role }] : [];
    });
  }

  return { listAccounts, describeAccount, membersOf };
}
