import type { Context } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';

/** A request to revoke or introspect a JWT, by a client that has proven who it is. */
interface StructuredTokenRequest {
  readonly token: string;
  readonly clientId: string;
}

/**
 * What oidc-provider 9.13 turned away because it does not store JWTs. It says so only after it has authenticated the
 * client and checked the request, so everything that is ours to do is to look at the token.
 */
export function findStructuredTokenRequest(
  ctx: Context,
  route: 'revocation' | 'introspection',
): StructuredTokenRequest | undefined {
  const { oidc } = ctx as unknown as Partial<KoaContextWithOIDC>;
  const { error } = Object(ctx.body) as { error?: string };
  if (oidc?.route !== route || error !== 'unsupported_token_type' || !oidc.client) return undefined;
  return { token: String(oidc.params?.token), clientId: oidc.client.clientId };
}
