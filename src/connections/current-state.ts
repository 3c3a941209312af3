import type { Connection } from './connection.ts';
import type { Connections } from './connections.ts';

/** What an access token says that may have changed since. */
export interface StatedByToken {
  readonly connectionId: string;
  readonly accountId: string;
  readonly organizationId: string;
  readonly organizationRole: string;
  readonly scopes: readonly string[];
}

/** Whether an access token that verified says nothing but what holds now; its own revocation is another question. */
export type IsCurrent = (stated: StatedByToken, known?: Connection) => Promise<boolean>;

interface Parts {
  readonly connections: Pick<Connections, 'find'>;
  /** The directory's; no role when the person is no member any more. */
  readonly directory: {
    findMembership(accountId: string, organizationId: string): Promise<{ readonly role: string } | undefined>;
  };
  /** Of its scopes those that the configuration still has; nothing when it has its resource, or its client, no more. */
  readonly offeredScopes: (connection: Connection) => readonly string[] | undefined;
  readonly narrowToRole: (role: string, scopes: readonly string[]) => string[];
}

/**
 * The one rule for every endpoint that is asked about a token: two answers about one token must not differ. One that says
 * what has changed since counts like a revoked one. The tool renews it without its person, and the next one tells the
 * organization, the role and the permissions of now.
 */
export function createIsCurrent({ connections, directory, offeredScopes, narrowToRole }: Parts): IsCurrent {
  return async function isCurrent({ connectionId, accountId, organizationId, ...stated }, known) {
    const [connection, membership] = await Promise.all([
      known ?? connections.find(connectionId),
      directory.findMembership(accountId, organizationId),
    ]);
    const offered = connection && offeredScopes(connection);
    if (!offered || !membership) return false;
    const allowed = narrowToRole(membership.role, offered);
    return (
      connection.organizationId === organizationId &&
      membership.role === stated.organizationRole &&
      stated.scopes.every((scope) => allowed.includes(scope))
    );
  };
}
