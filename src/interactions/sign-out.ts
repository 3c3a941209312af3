import type { KoaContextWithOIDC } from 'oidc-provider';
import { pageHeaders } from '../http/index.ts';
import type { SignedOutPage, SignOutPage } from './pages.ts';
import type { FlowParts } from './parts.ts';
import { frame } from './step.ts';

type PageParts = Pick<FlowParts, 'policy' | 'stylesheetPath' | 'render'>;

/** oidc-provider's sign-out, in our pages: it asks, checks its own anti-forgery value, and ends the session. */
export function createSignOutPages(parts: PageParts) {
  const show = (ctx: KoaContextWithOIDC, template: string, page: object) => {
    ctx.set(pageHeaders({ formActions: [] }));
    ctx.type = 'html';
    ctx.body = parts.render(template, page);
  };

  return {
    showSignOut(ctx: KoaContextWithOIDC): void {
      const state = ctx.oidc.session?.state as { secret: string };
      const page: SignOutPage = {
        ...frame('Sign out', parts),
        action: ctx.oidc.urlFor('end_session_confirm'),
        xsrf: state.secret,
      };
      show(ctx, 'sign-out', page);
    },
    showSignedOut(ctx: KoaContextWithOIDC): void {
      const page: SignedOutPage = frame('Signed out', parts);
      show(ctx, 'signed-out', page);
    },
  };
}
