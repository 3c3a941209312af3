import { randomUUID } from 'node:crypto';

/** Who has an account at this console, and for whom they work. In memory: every start is the first. */
export interface Account {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly password: string; // A demonstration. A console of yours keeps a hash.
  disabled: boolean;
}

export interface Organization {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
}

export interface Membership {
  readonly organization: Organization;
  readonly role: string;
}

export type People = ReturnType<typeof createPeople>;

export function createPeople() {
  const accounts: Account[] = [
    account('u_1', 'ada@example.com', 'Ada Lovelace'),
    account('u_2', 'grace@example.com', 'Grace Hopper'),
    account('u_3', 'edsger@example.com', 'Edsger Dijkstra'),
    account('u_4', 'barbara@example.com', 'Barbara Liskov'),
  ];
  const organizations: Organization[] = [
    { id: 'o_7', slug: 'acme', name: 'Acme Corp' },
    { id: 'o_8', slug: 'globex', name: 'Globex' },
  ];
  // Account, organization, role.
  const members = new Map([
    ['u_1', new Map([entry('o_7', 'owner'), entry('o_8', 'viewer')])],
    ['u_2', new Map([entry('o_7', 'member')])],
    ['u_3', new Map([entry('o_8', 'owner')])],
  ]);

  const find = (id: string) => accounts.find((each) => each.id === id);
  const memberships = (id: string): Membership[] =>
    organizations.flatMap((organization) => {
      const role = members.get(id)?.get(organization.id);
      return role === undefined ? [] : [{ organization, role }];
    });

  return {
    find,
    memberships,
    signIn: (email: string, password: string) =>
      accounts.find((each) => each.email === email.trim() && each.password === password && !each.disabled),
    membersOf: (organizationId: string) =>
      accounts.flatMap((each) => {
        const role = members.get(each.id)?.get(organizationId);
        return role === undefined ? [] : [{ account: each, role }];
      }),
    createOrganization(name: string, ownerId: string): Organization {
      const id = `o_${randomUUID()}`;
      const wanted = name
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-|-$/g, '');
      const isFree = wanted !== '' && organizations.every(({ slug }) => slug !== wanted);
      const organization = { id, slug: isFree ? wanted : id, name };
      organizations.push(organization);
      members.set(ownerId, (members.get(ownerId) ?? new Map<string, string>()).set(id, 'owner'));
      return organization;
    },
    remove: (accountId: string, organizationId: string) => members.get(accountId)?.delete(organizationId) ?? false,
    changeRole(accountId: string, organizationId: string, role: string) {
      if (members.get(accountId)?.has(organizationId)) members.get(accountId)?.set(organizationId, role);
    },
    disable(accountId: string) {
      const found = find(accountId);
      if (found) found.disabled = true;
    },
  };
}

function account(id: string, email: string, name: string): Account {
  return { id, email, name, password: 'demo-password', disabled: false };
}

function entry(organizationId: string, role: string): [string, string] {
  return [organizationId, role];
}
