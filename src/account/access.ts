import type { Connection } from '../connections/index.ts';
import type { Membership } from '../directory/index.ts';
import type { Words } from '../messages/index.ts';
import type { AccountRequest } from './account-request.ts';
import type { AccountParts } from './parts.ts';

/** A connection, and what its person is in its organization today; nothing when they left it. */
export interface ConnectionWithMembership {
  readonly connection: Connection;
  readonly membership: Membership | undefined;
}

type OwnParts = Pick<AccountParts, 'connections'>;

/** With the person's present membership in its organization. */
export function withMembership({ memberships }: AccountRequest, connection: Connection): ConnectionWithMembership {
  return { connection, membership: membershipIn(memberships, connection) };
}

/** The one that the URL names. Somebody else's is not found, exactly like one that is not there. */
export async function loadOwnConnection({ ctx, account, memberships }: AccountRequest, { connections }: OwnParts) {
  const connection = await connections.find(ctx.params.id);
  if (connection?.accountId !== account.id || connection.pending) return ctx.throw(404);
  return { connection, memberships, membership: membershipIn(memberships, connection) };
}

type AdministratorParts = Pick<AccountParts, 'policy'>;

/** The organizations all of whose connections this account may see and end. */
export function administeredOrganizations(
  { memberships }: AccountRequest,
  { policy }: AdministratorParts,
): Membership[] {
  return memberships.filter(({ role }) => policy.administrators.includes(role));
}

/** As people count, in the language of the page. */
export function sortByName(memberships: readonly Membership[], { compare }: Pick<Words, 'compare'>): Membership[] {
  return memberships.toSorted((a, b) => compare(a.organization.name, b.organization.name));
}

/** The one that the URL names. One that exists but is administered by others is not found, like one that does not. */
export function loadAdministered(request: AccountRequest, parts: AdministratorParts): Membership {
  const administered = administeredOrganizations(request, parts);
  const named = administered.find(({ organization }) => organization.slug === request.ctx.params.slug);
  return named ?? request.ctx.throw(404);
}

/** What was approved and never fetched is nothing that a tool has. */
export function isRedeemed({ pending }: Connection): boolean {
  return !pending;
}

function membershipIn(memberships: readonly Membership[], { organizationId }: Connection) {
  return memberships.find(({ organization }) => organization.id === organizationId);
}
