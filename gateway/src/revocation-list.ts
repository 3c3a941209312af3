import { GatewayError } from './gateway-error.ts';
import type { Identity } from './identity.ts';
import { RevokedTokens } from './revoked-tokens.ts';
import type { Revocation } from './vocabulary/index.ts';

/** `unknown`: what was revoked lately cannot be known just now. */
export type TokenState = 'live' | 'revoked' | 'unknown';

/** What `protectResource` asks about every token that verified. Any object with this method will do. */
export interface Revocations {
  stateOf(identity: Identity): TokenState | Promise<TokenState>;
}

export interface RevocationStats {
  /** Revocations that are held because they can still matter. */
  readonly entries: number;
  /** Seconds since nothing was missing; `Infinity` until that is true for the first time. */
  readonly ageSeconds: number;
  readonly isStale: boolean;
}

export interface RevocationListOptions {
  /**
   * Seconds for which the list counts after it was last current. Default 30; at least 10, twice the time between two
   * signs of life; `Infinity` for a list that counts for ever once it was current.
   */
  readonly maxStaleness?: number;
  /** Asked about a token while the list is stale. Without it the answer is `unknown`, hence 503. */
  readonly whenStale?: (token: string) => Promise<TokenState>;
  /** Your own clock, in milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: () => number;
}

/** Revocations that somebody feeds: `followRevocations`, or you, from wherever you read them. */
export interface RevocationList extends Revocations {
  /** Entries of the feed, in its order. What was accepted once is never taken back. */
  accept(entries: readonly Revocation[]): void;
  /** Nothing is missing by now. Say so every few seconds, as long as it is true. */
  markCurrent(): void;
  stats(): RevocationStats;
}

const DEFAULT_STALENESS = 30;
const MIN_STALENESS = 10;

/**
 * Holds what was revoked, in memory.
 *
 * @example
 * const revocations = createRevocationList();
 * protectResource({ issuer, resource, scopes, revocations });
 * revocations.accept([{ kind: 'connection', id: 'grant-1', at: 1790000000, until: 1790003600 }]);
 * revocations.markCurrent();
 */
export function createRevocationList(options: RevocationListOptions = {}): RevocationList {
  const { maxStaleness = DEFAULT_STALENESS, whenStale = async () => 'unknown', now = Date.now } = options;
  if (!(maxStaleness >= MIN_STALENESS)) {
    throw new GatewayError('OPTIONS_INVALID', `maxStaleness is ${maxStaleness}; it must be ${MIN_STALENESS} or more`);
  }
  const revoked = new RevokedTokens(now);
  // Nothing is known before the first word from the feed: a gateway that was just started is stale, not trusting.
  let currentAtMs = Number.NEGATIVE_INFINITY;
  const ageSeconds = () => (now() - currentAtMs) / 1000;
  const isStale = () => ageSeconds() > maxStaleness || ageSeconds() === Number.POSITIVE_INFINITY;

  return {
    accept: (entries) => revoked.add(entries),
    markCurrent() {
      currentAtMs = now();
      revoked.forgetExpired();
    },
    stateOf(identity) {
      // A revocation that is known holds, however old the list is.
      if (revoked.includes(identity)) return 'revoked';
      return isStale() ? whenStale(identity.token) : 'live';
    },
    stats: () => ({ entries: revoked.size, ageSeconds: ageSeconds(), isStale: isStale() }),
  };
}
