import type { Account, Membership } from '../directory/index.ts';
import { DirectoryUnavailable } from './directory-unavailable.ts';
import type { Question } from './observation.ts';
import { directoryAccountSchema, directoryMembershipSchema, directoryMembershipsSchema } from './schemas.ts';
import { validate } from './validation.ts';

/** A question to the directory: where it is asked, and what an answer must be to be believed. */
export interface Enquiry<T> {
  readonly question: Question;
  readonly accountId: string;
  readonly path: string;
  /** Throws `DirectoryUnavailable` that names the check. */
  readonly read: (body: unknown) => T;
}

export function accountEnquiry(accountId: string): Enquiry<Account | undefined> {
  return {
    question: 'account',
    accountId,
    path: pathOf(accountId),
    read(body) {
      const { id, email, name, disabled } = checked(directoryAccountSchema, body);
      // A mixed-up cache or an off-by-one of the other side must not make one person another.
      if (id !== accountId) throw new DirectoryUnavailable('id is not the one that was asked for');
      return disabled ? undefined : { id, email, name };
    },
  };
}

export function membershipsEnquiry(accountId: string): Enquiry<Membership[]> {
  return {
    question: 'memberships',
    accountId,
    path: `${pathOf(accountId)}/memberships`,
    read(body) {
      const memberships = checked(directoryMembershipsSchema, body);
      for (const member of ['id', 'slug'] as const) {
        const values = new Set(memberships.map(({ organization }) => organization[member]));
        // Which role would count?
        if (values.size < memberships.length) throw new DirectoryUnavailable(`organization.${member} twice`);
      }
      return memberships.sort((a, b) => a.organization.name.localeCompare(b.organization.name, 'en'));
    },
  };
}

export function membershipEnquiry(accountId: string, organizationId: string): Enquiry<Membership> {
  return {
    question: 'membership',
    accountId,
    path: `${pathOf(accountId)}/memberships/${encodeURIComponent(organizationId)}`,
    read(body) {
      const membership = checked(directoryMembershipSchema, body);
      if (membership.organization.id === organizationId) return membership;
      throw new DirectoryUnavailable('organization.id is not the one that was asked for');
    },
  };
}

/** Only what could have come from the console: `..` would walk out of the path, and nobody has such an identifier. */
export function isIdentifier(id: string): boolean {
  return directoryAccountSchema.shape.id.safeParse(id).success;
}

const pathOf = (accountId: string) => `/accounts/${encodeURIComponent(accountId)}`;

function checked<T extends Parameters<typeof validate>[0]>(schema: T, body: unknown) {
  const answer = validate(schema, body);
  if (answer.ok) return answer.value;
  const [{ path, sentence } = { path: '', sentence: 'is wrong' }] = answer.errors;
  throw new DirectoryUnavailable(`${path || 'the answer'} ${sentence}`);
}
