import type { Middleware } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { FlowParts } from './parts.ts';

type Parts = Pick<FlowParts, 'provider'>;

/**
 * Every step of a flow has a URL of its own, and oidc-provider 9.13 forgets a step that is done: the back button would
 * say that the flow has ended. So the cookie of a step that is done names the step that follows it.
 */
export function rememberNextStep({ provider }: Parts): Middleware {
  return async function rememberStep(ctx, next) {
    await next();
    const { oidc, params } = ctx as unknown as KoaContextWithOIDC & { params: Record<string, string> };
    const following = oidc?.route === 'resume' ? oidc.entities.Interaction : undefined;
    if (!following?.uid || following.uid === params.uid) return;
    const lifetime = { maxAge: (following.exp - Math.floor(Date.now() / 1000)) * 1000 };
    // Without `overwrite`, which other cookies of ours have: this answer already sets the next step's cookie of the same name.
    const protection = { httpOnly: true, sameSite: 'lax', path: `/interaction/${params.uid}` } as const;
    ctx.cookies.set(provider.cookieName('interaction'), following.uid, { ...protection, ...lifetime });
  };
}

/** From a step that is done to the one that follows it. */
export function leadOn({ provider }: Parts): Middleware {
  return async function leadToNextStep(ctx, next) {
    const current = ctx.cookies.get(provider.cookieName('interaction'));
    if (!current || current === ctx.params.uid) return next();
    ctx.status = 303;
    ctx.set('Cache-Control', 'no-store');
    ctx.redirect(`/interaction/${encodeURIComponent(current)}`);
  };
}
