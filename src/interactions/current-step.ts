import type { Context } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { systemClock } from '../clock.ts';
import { seeOther } from '../http/index.ts';
import type { FlowParts } from './parts.ts';

type Parts = Pick<FlowParts, 'paths' | 'cookies'>;

/**
 * Every step of a flow has a URL of its own, and oidc-provider 9.13 forgets a step that is done: the back button would
 * say that the flow has ended. So the cookie of a step that is done names the step that follows it. To be called when the
 * provider has answered at the route on which a flow goes on.
 */
export function createRememberCurrentStep({ paths, cookies }: Parts): (ctx: Context) => void {
  // Not with `overwrite`: this answer already sets the next step's cookie, of the same name.
  const protection = { ...cookies.protection, overwrite: false };
  return (ctx) => {
    const { oidc, params } = ctx as unknown as KoaContextWithOIDC & { params: Record<string, string> };
    const following = oidc?.route === 'resume' ? oidc.entities.Interaction : undefined;
    if (!following?.uid || !params.uid || following.uid === params.uid) return;
    // By the clock with which oidc-provider wrote it: the machine's.
    const maxAge = (following.exp - systemClock.seconds()) * 1000;
    const path = paths.interaction(params.uid);
    ctx.cookies.set(cookies.names.interaction, following.uid, { ...protection, path, maxAge });
  };
}

/** The back button, and old tabs: from a step that is done to the one at which the flow is. True when the browser goes there. */
export function redirectToCurrentStep(ctx: Context, { paths, cookies }: Parts): boolean {
  const current = ctx.cookies.get(cookies.names.interaction);
  if (!current || current === ctx.params.uid) return false;
  seeOther(ctx, paths.interaction(current));
  return true;
}
