import type { Middleware } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';

/**
 * Tells a client whose code or refresh token came back after it was used what that did, and what to do now (R67):
 * oidc-provider 9.13 has one sentence for everything that can be wrong with a grant.
 */
export function explainReuse(path: string): Middleware {
  return async function reuse(ctx, next) {
    await next();
    if (ctx.path !== path || ctx.status !== 400) return;
    const { RefreshToken, AuthorizationCode } = (ctx as unknown as KoaContextWithOIDC).oidc?.entities ?? {};
    const presented = (RefreshToken ?? AuthorizationCode) as { consumed?: unknown } | undefined;
    const answer = ctx.body as { error?: string; error_description?: string };
    if (presented?.consumed && answer.error === 'invalid_grant')
      answer.error_description = 'grant revoked - restart authorization';
  };
}
