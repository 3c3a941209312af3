import type { Revocation, RevokedThing } from '@bkend/mcp-gateway/vocabulary';
import type { ChangeReason } from './connection.ts';

/** What a gateway must no longer accept, as it stands in the feed and as the gateway kit reads it, with our reason. */
export type RevocationEntry = Revocation & { readonly reason: RevocationReason };

export type { RevokedThing };

/** Why something ended before its time. */
export type RevocationReason =
  | 'membership ended'
  | 'account disabled'
  | 'organization deleted'
  | 'role changed'
  | 'password changed'
  | 'client removed'
  | 'revoked by the person'
  | 'revoked by an administrator'
  | 'revoked by the operator'
  | 'ended by the tool'
  | 'token replayed'
  | 'answer lost'
  | 'renewed from two places'
  | 'resource withdrawn'
  | 'policy changed'
  | 'signed out'
  | ChangeReason;
