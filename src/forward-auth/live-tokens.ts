import type { Revocations } from '@bkend/mcp-gateway';
import { type Connections, type Revocations as Feed, isStillTrue } from '../connections/index.ts';
import type { Directory } from '../directory/index.ts';
import type { NarrowToRole } from '../resources/index.ts';

export interface LiveTokenParts {
  readonly connections: Pick<Connections, 'find'>;
  readonly directory: Pick<Directory, 'findMembership'>;
  readonly revocations: Pick<Feed, 'isTokenRevoked'>;
  readonly narrowToRole: NarrowToRole;
}

/**
 * What gateways elsewhere learn from the feed, asked of the store itself: three reads with the local directory, at once.
 * An error of the store is not caught: whoever cannot know says 503, never yes.
 */
export function liveTokens({ connections, directory, revocations, narrowToRole }: LiveTokenParts): Revocations {
  return {
    async stateOf(identity) {
      const [isRevoked, connection, membership] = await Promise.all([
        revocations.isTokenRevoked(identity.tokenId),
        connections.find(identity.connectionId),
        directory.findMembership(identity.accountId, identity.organizationId),
      ]);
      const isTrue = isStillTrue(identity, { connection, role: membership?.role, narrowToRole });
      return isTrue && !isRevoked ? 'live' : 'revoked';
    },
  };
}
