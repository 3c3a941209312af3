import type Provider from 'oidc-provider';
import type { Connections, IsCurrent, RevocationFeed, Revocations } from '../connections/index.ts';
import type { Catalogue } from '../resources/index.ts';
import { introspectAccessTokens } from './introspection.ts';
import type { ReadOwnAccessToken } from './own-access-token.ts';
import { revokeAccessTokens } from './revocation.ts';
import { serveRevocations } from './revocation-stream.ts';

interface Parts {
  readonly issuer: string;
  readonly provider: Provider;
  readonly catalogue: Catalogue;
  readonly connections: Connections;
  readonly isCurrent: IsCurrent;
  readonly revocations: Revocations;
  readonly feed: RevocationFeed;
  readonly readOwnAccessToken: ReadOwnAccessToken;
}

/** A JWT can end before it expires (decision 11): the endpoints that end it, that tell, and that answer whether it did. */
export function tokenEndpoints(parts: Parts) {
  return {
    revocationFeed: serveRevocations(parts),
    tokenRevocation: revokeAccessTokens(parts),
    introspection: introspectAccessTokens(parts),
  };
}
