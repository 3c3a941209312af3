import type { ChangeReason } from './connection.ts';

/**
 * What a gateway must no longer accept, as it stands in the feed. Times are seconds since the epoch: `at` when it was
 * decided; after `until` every token that it is about has expired by itself, also for a gateway whose clock is behind.
 */
export type RevocationEntry = RevokedThing & {
  readonly at: number;
  readonly until: number;
  readonly reason: RevocationReason;
};

export type RevokedThing = EndedConnection | ChangedConnection | EndedToken | EndedMembership;

/** Every token of one connection, whenever it was issued: the id is never given again. */
export interface EndedConnection {
  readonly kind: 'connection';
  readonly id: string;
}

/**
 * The tokens of one connection that say otherwise: those for another organization or with more scopes, issued until `at`.
 * Told by what they say and not by time alone, or a token that was renewed within the same second would be refused.
 */
export interface ChangedConnection {
  readonly kind: 'change';
  readonly id: string;
  readonly organizationId: string;
  readonly scopes: readonly string[];
}

/** One access token (`jti`). */
export interface EndedToken {
  readonly kind: 'token';
  readonly id: string;
}

/** Every token that was issued before `at` to this account for this organization, or for any with `*`. */
export interface EndedMembership {
  readonly kind: 'membership';
  readonly accountId: string;
  readonly organizationId: string;
}

/** Why something ended before its time. */
export type RevocationReason =
  | 'membership ended'
  | 'account disabled'
  | 'password changed'
  | 'client removed'
  | 'revoked by the person'
  | 'revoked by an administrator'
  | 'revoked by the operator'
  | 'ended by the tool'
  | 'token replayed'
  | 'answer lost'
  | 'signed out'
  | ChangeReason;
