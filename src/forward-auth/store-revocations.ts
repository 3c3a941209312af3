import type { Revocations } from '@bkend/mcp-gateway';
import type { Revocations as Feed, IsCurrent } from '../connections/index.ts';

export interface StoreRevocationParts {
  readonly isCurrent: IsCurrent;
  readonly revocations: Pick<Feed, 'isTokenRevoked'>;
}

/**
 * What gateways elsewhere learn from the feed, asked of the store itself: three reads with the local directory, at once.
 * An error of the store is not caught: whoever cannot know says 503, never yes.
 */
export function createStoreRevocations({ isCurrent, revocations }: StoreRevocationParts): Revocations {
  return {
    async stateOf(identity) {
      const [isRevoked, isStillRight] = await Promise.all([
        revocations.isTokenRevoked(identity.tokenId),
        isCurrent(identity),
      ]);
      return isStillRight && !isRevoked ? 'live' : 'revoked';
    },
  };
}
