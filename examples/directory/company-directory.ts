import type { Account, Directory, Membership } from '../../src/index.ts';

/** What your database answers; a query each. */
export interface Rows {
  account(id: string): Promise<{ id: string; email: string; name: string; disabled_at: Date | null } | undefined>;
  memberships(accountId: string): Promise<{ id: string; slug: string; name: string; role: string }[]>;
}

/** People and organizations of your own database. Nobody signs in here with a password of yours: that is the console's. */
export function createCompanyDirectory(rows: Rows): Directory {
  async function findAccount(accountId: string): Promise<Account | undefined> {
    const row = await rows.account(accountId);
    if (!row || row.disabled_at) return undefined;
    return { id: row.id, email: row.email, name: row.name };
  }

  async function memberships(accountId: string): Promise<Membership[]> {
    // Whoever is disabled acts for nobody, whatever the other table says.
    if (!(await findAccount(accountId))) return [];
    const found = await rows.memberships(accountId);
    return found
      .map(({ id, slug, name, role }) => ({ organization: { id, slug, name }, role }))
      .sort((a, b) => a.organization.name.localeCompare(b.organization.name, 'en'));
  }

  return {
    signIn: async () => undefined,
    findAccount,
    memberships,
    // Asked at every refresh: a query of its own pays off as soon as people have many memberships.
    async findMembership(accountId, organizationId) {
      return (await memberships(accountId)).find(({ organization }) => organization.id === organizationId);
    },
  };
}
