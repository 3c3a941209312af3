import type { Connection } from '../connections/index.ts';
import type { Membership } from '../directory/index.ts';
import type { AccountParts } from './parts.ts';
import type { Held } from './present-connection.ts';
import type { Visit } from './visit.ts';

type Parts = Pick<AccountParts, 'connections' | 'directory'>;

/** Mine, with what I am in their organizations. */
export async function findOwnConnections({ account }: Visit, { connections, directory }: Parts): Promise<Held[]> {
  const [own, memberships] = await Promise.all([
    connections.findByAccount(account.id),
    directory.memberships(account.id),
  ]);
  return own.map((connection) => ({ connection, membership: membershipIn(memberships, connection) }));
}

/** The one that the URL names. Somebody else's is not found, exactly like one that is not there. */
export async function loadOwnConnection(visit: Visit, { connections, directory }: Parts) {
  const { ctx, account } = visit;
  const [connection, memberships] = await Promise.all([
    connections.find(ctx.params.id),
    directory.memberships(account.id),
  ]);
  if (connection?.accountId !== account.id) return ctx.throw(404);
  return { connection, memberships, membership: membershipIn(memberships, connection) };
}

function membershipIn(memberships: readonly Membership[], { organizationId }: Connection) {
  return memberships.find(({ organization }) => organization.id === organizationId);
}
