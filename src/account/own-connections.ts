import type { Connection } from '../connections/index.ts';
import type { Membership } from '../directory/index.ts';
import { newestFirst } from './paging.ts';
import type { AccountParts } from './parts.ts';
import type { Held } from './present-connection.ts';
import type { Visit } from './visit.ts';

type Parts = Pick<AccountParts, 'connections'>;

/** Mine, with what I am in their organizations, the newest first. */
export async function findOwnConnections(visit: Visit, { connections }: Parts): Promise<Held[]> {
  const [own, memberships] = await Promise.all([connections.findByAccount(visit.account.id), visit.memberships()]);
  return newestFirst(own.map((connection) => ({ connection, membership: membershipIn(memberships, connection) })));
}

/** The one that the URL names. Somebody else's is not found, exactly like one that is not there. */
export async function loadOwnConnection(visit: Visit, { connections }: Parts) {
  const { ctx, account } = visit;
  const [connection, memberships] = await Promise.all([connections.find(ctx.params.id), visit.memberships()]);
  if (connection?.accountId !== account.id) return ctx.throw(404);
  return { connection, memberships, membership: membershipIn(memberships, connection) };
}

function membershipIn(memberships: readonly Membership[], { organizationId }: Connection) {
  return memberships.find(({ organization }) => organization.id === organizationId);
}
