import type { Identity, Revocations } from '@bkend/mcp-gateway';
import { type Connections, type Revocations as Feed, isStillTrue } from '../connections/index.ts';
import type { Directory } from '../directory/index.ts';
import type { NarrowToRole } from '../resources/index.ts';

/** What of an access token may have changed since it was issued, and where to look. */
type TokenClaims = Pick<Identity, 'accountId' | 'connectionId' | 'organizationId' | 'organizationRole' | 'scopes'>;

/** Whether an access token that verified says nothing but what is true now; its own revocation is another question. */
export type IsCurrent = (claims: TokenClaims) => Promise<boolean>;

export interface FreshnessParts {
  readonly connections: Pick<Connections, 'find'>;
  readonly directory: Pick<Directory, 'findMembership'>;
  readonly narrowToRole: NarrowToRole;
}

/** One rule for every endpoint that is asked about a token: two answers about one token must not differ. */
export function createIsCurrent({ connections, directory, narrowToRole }: FreshnessParts): IsCurrent {
  return async function isCurrent(claims) {
    const [connection, membership] = await Promise.all([
      connections.find(claims.connectionId),
      directory.findMembership(claims.accountId, claims.organizationId),
    ]);
    return isStillTrue(claims, { connection, role: membership?.role, narrowToRole });
  };
}

export interface StoreRevocationParts extends FreshnessParts {
  readonly revocations: Pick<Feed, 'isTokenRevoked'>;
}

/**
 * What gateways elsewhere learn from the feed, asked of the store itself: three reads with the local directory, at once.
 * An error of the store is not caught: whoever cannot know says 503, never yes.
 */
export function createStoreRevocations({ revocations, ...parts }: StoreRevocationParts): Revocations {
  const isCurrent = createIsCurrent(parts);
  return {
    async stateOf(identity) {
      const [isRevoked, isTrue] = await Promise.all([
        revocations.isTokenRevoked(identity.tokenId),
        isCurrent(identity),
      ]);
      return isTrue && !isRevoked ? 'live' : 'revoked';
    },
  };
}
