import type { Context, Middleware } from 'koa';
import type { Connection, Connections } from '../connections/index.ts';
import type { Directory } from '../directory/index.ts';
import type { Catalogue } from '../resources/index.ts';
import type { OwnAccessToken, ReadOwnAccessToken } from './own-access-token.ts';
import { findStructuredTokenRequest } from './structured-token.ts';

interface Parts {
  readonly catalogue: Catalogue;
  readonly connections: Connections;
  readonly directory: Directory;
  readonly readOwnAccessToken: ReadOwnAccessToken;
}

/** RFC 7662 for our access tokens, with the truth of this moment: what was signed an hour ago may have ended since. */
export function introspectAccessTokens(parts: Parts): Middleware {
  return async function introspection(ctx, next) {
    await next();
    const request = findStructuredTokenRequest(ctx as Context, 'introspection');
    if (!request) return;
    const claims = await parts.readOwnAccessToken(request.token);
    const mayKnow = claims && (claims.client_id === request.clientId || isGatewayOf(request.clientId, claims, parts));
    ctx.status = 200;
    // RFC 7662 §2.2, §4: whoever may not know is told the same as for a token that never was.
    ctx.body = mayKnow && (await isLive(claims, parts)) ? present(claims) : { active: false };
  };
}

function isGatewayOf(clientId: string, { aud }: OwnAccessToken, { catalogue }: Parts): boolean {
  return [aud].flat().some((uri) => uri !== undefined && catalogue.find(uri)?.client === clientId);
}

async function isLive(claims: OwnAccessToken, { connections, directory }: Parts): Promise<boolean> {
  const connection = await connections.find(claims.grant_id);
  if (!connection || !saysTheSame(claims, connection)) return false;
  return (await directory.findMembership(connection.accountId, connection.organizationId)) !== undefined;
}

/** Of before the connection was moved to another organization or lost a permission. */
function saysTheSame({ org_id: organizationId, scope = '' }: OwnAccessToken, connection: Connection): boolean {
  const scopes = scope.split(' ').filter(Boolean);
  return organizationId === connection.organizationId && scopes.every((each) => connection.scopes.includes(each));
}

function present(claims: OwnAccessToken) {
  return { active: true, token_type: 'Bearer', ...claims };
}
