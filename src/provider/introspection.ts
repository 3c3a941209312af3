import type { Context } from 'koa';
import type { IsCurrent } from '../connections/index.ts';
import type { Catalogue } from '../resources/index.ts';
import { type OwnAccessToken, type ReadOwnAccessToken, statedBy } from './own-access-token.ts';
import { findStructuredTokenRequest } from './structured-token.ts';

interface Parts {
  readonly isCurrent: IsCurrent;
  readonly catalogue: Catalogue;
  readonly readOwnAccessToken: ReadOwnAccessToken;
}

/** RFC 7662 for our access tokens, with the truth of this moment: what was signed an hour ago may have ended since. */
export function createIntrospectAccessToken(parts: Parts): (ctx: Context) => Promise<void> {
  return async (ctx) => {
    const request = findStructuredTokenRequest(ctx, 'introspection');
    if (!request) return;
    const claims = await parts.readOwnAccessToken(request.token);
    const mayKnow = claims && (claims.client_id === request.clientId || isGatewayOf(request.clientId, claims, parts));
    ctx.status = 200;
    // RFC 7662 §2.2, §4: whoever may not know is told the same as for a token that never was.
    ctx.body = mayKnow && (await parts.isCurrent(statedBy(claims))) ? present(claims) : { active: false };
  };
}

function isGatewayOf(clientId: string, { aud }: OwnAccessToken, { catalogue }: Parts): boolean {
  return [aud].flat().some((uri) => uri !== undefined && catalogue.find(uri)?.client === clientId);
}

function present(claims: OwnAccessToken) {
  // A directory may put claims of any name into a token (R113).
  return { ...claims, active: true, token_type: 'Bearer' };
}
