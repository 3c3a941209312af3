import type { Middleware } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { at } from './routes.ts';

/**
 * Tells a client whose code came back after it was used what that did, and what to do now (R67): oidc-provider 9.13 has
 * one sentence for everything that can be wrong with a grant. The same for a refresh token, where our grant for it is not
 * installed; that one says it by itself.
 */
export function explainReuse(path: string): Middleware {
  return at([path], async function reuse(ctx, next) {
    await next();
    if (ctx.status !== 400) return;
    const { RefreshToken, AuthorizationCode } = (ctx as unknown as KoaContextWithOIDC).oidc?.entities ?? {};
    const presented = (RefreshToken ?? AuthorizationCode) as { consumed?: unknown } | undefined;
    const answer = ctx.body as { error?: string; error_description?: string };
    if (presented?.consumed && answer.error === 'invalid_grant')
      answer.error_description = 'grant revoked - restart authorization';
  });
}

/**
 * Names `offline_access` in the answer when it was granted and a refresh token is there (R61): oidc-provider lists only
 * the scopes of the resource, and some clients keep a refresh token only if they read the word. Our grant for refresh
 * tokens names it by itself.
 */
export function echoOfflineAccess(path: string): Middleware {
  return at([path], async function echo(ctx, next) {
    await next();
    if (ctx.status !== 200) return;
    const answer = ctx.body as { scope?: string; refresh_token?: string };
    const { oidc } = ctx as unknown as KoaContextWithOIDC;
    if (!answer.refresh_token || !oidc.refreshToken?.scopes.has('offline_access')) return;
    answer.scope = [answer.scope, 'offline_access'].filter(Boolean).join(' ');
  });
}
