import type { Context } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { SignedOutPage, SignOutPage } from './pages.ts';
import type { FlowParts } from './parts.ts';

/** oidc-provider's sign-out, in our pages: it asks, checks its own anti-forgery value, and ends the session. */
export function createSignOutPages({ pages }: Pick<FlowParts, 'pages'>) {
  return {
    showSignOut(ctx: KoaContextWithOIDC): void {
      const state = ctx.oidc.session?.state as { secret: string };
      const page: SignOutPage = {
        ...pages.frame(ctx as unknown as Context, 'sign-out.title'),
        action: ctx.oidc.urlFor('end_session_confirm'),
        xsrf: state.secret,
      };
      pages.show(ctx as unknown as Context, 'sign-out', page);
    },
    showSignedOut(ctx: KoaContextWithOIDC): void {
      const page: SignedOutPage = pages.frame(ctx as unknown as Context, 'sign-out.done.title');
      pages.show(ctx as unknown as Context, 'signed-out', page);
    },
  };
}
