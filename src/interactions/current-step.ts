import type { Middleware } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { seeOther } from '../http/index.ts';
import type { FlowParts } from './parts.ts';

type Parts = Pick<FlowParts, 'paths' | 'cookies' | 'clock'>;

/**
 * Every step of a flow has a URL of its own, and oidc-provider 9.13 forgets a step that is done: the back button would
 * say that the flow has ended. So the cookie of a step that is done names the step that follows it.
 */
export function rememberCurrentStep({ paths, cookies, clock }: Parts): Middleware {
  // Not with `overwrite`: this answer already sets the next step's cookie, of the same name.
  const protection = { ...cookies.protection, overwrite: false };
  return async function rememberStep(ctx, next) {
    await next();
    const { oidc, params } = ctx as unknown as KoaContextWithOIDC & { params: Record<string, string> };
    const following = oidc?.route === 'resume' ? oidc.entities.Interaction : undefined;
    if (!following?.uid || !params.uid || following.uid === params.uid) return;
    const maxAge = (following.exp - clock.seconds()) * 1000;
    const path = paths.interaction(params.uid);
    ctx.cookies.set(cookies.names.interaction, following.uid, { ...protection, path, maxAge });
  };
}

/** The back button, and old tabs: from a step that is done to the one at which the flow is. */
export function redirectToCurrentStep({ paths, cookies }: Parts): Middleware {
  return async function redirectToStep(ctx, next) {
    const current = ctx.cookies.get(cookies.names.interaction);
    if (!current || current === ctx.params.uid) return next();
    return seeOther(ctx as never, paths.interaction(current));
  };
}
