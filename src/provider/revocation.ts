import type { Context } from 'koa';
import type { Connections, Revocations } from '../connections/index.ts';
import type { OwnAccessToken, ReadOwnAccessToken } from './own-access-token.ts';
import { findStructuredTokenRequest } from './structured-token.ts';

interface Parts {
  readonly revocations: Revocations;
  readonly connections: Pick<Connections, 'end' | 'admitRevokedToken'>;
  readonly readOwnAccessToken: ReadOwnAccessToken;
}

/** RFC 7009 for our access tokens. A refresh token ends its connection, which oidc-provider does; these end alone. */
export function createRevokeAccessToken({ readOwnAccessToken, ...parts }: Parts): (ctx: Context) => Promise<void> {
  const end = createEndToken(parts);
  return async (ctx) => {
    const request = findStructuredTokenRequest(ctx, 'revocation');
    if (!request) return;
    const claims = await readOwnAccessToken(request.token);
    if (claims && claims.client_id === request.clientId) await end(claims);
    // RFC 7009 §2.2: the same for a token that is invalid, expired, or another client's, so that nobody learns which.
    ctx.status = 200;
    ctx.type = 'text';
    ctx.body = '';
  };
}

function createEndToken({ revocations, connections }: Pick<Parts, 'revocations' | 'connections'>) {
  return async function end(claims: OwnAccessToken): Promise<void> {
    const isAdmitted = await connections.admitRevokedToken(claims.grant_id);
    // One audience: a token of ours is for one resource.
    if (isAdmitted) return revocations.tokenEnded({ ...claims, resource: String(claims.aud) }, 'ended by the tool');
    // RFC 7009 §2.1: the refresh token may end with an access token. A tool that renews and revokes without end would
    // fill the feed, and with it the memory of every gateway, for an hour; one entry for the connection holds for all.
    await connections.end(claims.grant_id, 'ended by the tool');
  };
}
