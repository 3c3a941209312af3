import type { Connection, Connections, Revocations as Feed } from '../connections/index.ts';
import type { Directory, Membership } from '../directory/index.ts';
import type { Identity, Revocations } from '../gateway/index.ts';

export interface LiveTokenParts {
  readonly connections: Pick<Connections, 'find'>;
  readonly directory: Pick<Directory, 'findMembership'>;
  readonly revocations: Pick<Feed, 'isTokenRevoked'>;
}

/**
 * What gateways elsewhere learn from the feed, asked of the store itself: three reads with the local directory, at once.
 * An error of the store is not caught: whoever cannot know says 503, never yes.
 */
export function liveTokens({ connections, directory, revocations }: LiveTokenParts): Revocations {
  return {
    async stateOf(identity) {
      const [isRevoked, connection, membership] = await Promise.all([
        revocations.isTokenRevoked(identity.tokenId),
        connections.find(identity.connectionId),
        directory.findMembership(identity.accountId, identity.organizationId),
      ]);
      return !isRevoked && isStillTrue(identity, connection, membership) ? 'live' : 'revoked';
    },
  };
}

/**
 * A token that says what has changed since is refused like a revoked one: the tool renews it without its person, and
 * the next one tells the organization, the role and the permissions of now.
 */
function isStillTrue(identity: Identity, connection?: Connection, membership?: Membership): boolean {
  if (!connection || !membership) return false;
  return (
    connection.organizationId === identity.organizationId &&
    membership.role === identity.organizationRole &&
    identity.scopes.every((scope) => connection.scopes.includes(scope))
  );
}
