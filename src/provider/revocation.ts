import type { Context, Middleware } from 'koa';
import Provider from 'oidc-provider';
import type { RevocationReason, Revocations } from '../connections/index.ts';
import type { ReadOwnAccessToken } from './own-access-token.ts';
import { findStructuredTokenRequest } from './structured-token.ts';

interface Parts {
  readonly revocations: Revocations;
  readonly readOwnAccessToken: ReadOwnAccessToken;
}

/** RFC 7009 for our access tokens. A refresh token ends its connection, which oidc-provider does; these end alone. */
export function revokeAccessTokens({ revocations, readOwnAccessToken }: Parts): Middleware {
  return async function tokenRevocation(ctx, next) {
    await next();
    const request = findStructuredTokenRequest(ctx as Context, 'revocation');
    if (!request) return;
    const claims = await readOwnAccessToken(request.token);
    if (claims && claims.client_id === request.clientId) await revocations.tokenEnded(claims, 'ended by the tool');
    // RFC 7009 §2.2: the same for a token that is invalid, expired, or another client's, so that nobody learns which.
    ctx.status = 200;
    ctx.type = 'text';
    ctx.body = '';
  };
}

/** Why oidc-provider ends a grant, as the request within which it does tells. */
export function reasonOfRequest(): RevocationReason {
  const route = Provider.ctx?.oidc.route ?? '';
  if (route === 'token') return 'token replayed';
  return route.startsWith('end_session') ? 'signed out' : 'ended by the tool';
}
