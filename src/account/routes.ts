import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { refuseForeignForms } from '../http/index.ts';
import { showChange, submitChange } from './change.ts';
import { showConnection } from './connection.ts';
import { showDisconnect, showDisconnectClient, submitDisconnect, submitDisconnectClient } from './disconnect.ts';
import { showEndMembersConnection, showOrganization, submitEndMembersConnection } from './organization.ts';
import { showOverview } from './overview.ts';
import type { AccountParts } from './parts.ts';
import { showRename, submitRename } from './rename.ts';
import { askToSignIn, showSignIn, submitSignIn } from './sign-in.ts';
import { showSignOut, showSignOutEverywhere, submitSignOut, submitSignOutEverywhere } from './sign-out.ts';
import { findVisit, type Visit } from './visit.ts';

type Deed = (visit: Visit, parts: AccountParts) => Promise<void>;
type SigningIn = (ctx: Context, parts: AccountParts) => Promise<void>;

/** The pages of the account, as one middleware. */
export function createAccountRoutes(parts: AccountParts): Middleware {
  const router = new Router({ prefix: '/account' });
  const open = (deed: SigningIn) => (async (ctx: Context) => deed(ctx, parts)) as never;

  /** For whoever is signed in. */
  const signedIn = (deed: Deed, isEnough: (visit: Visit) => boolean = () => true) =>
    open(async (ctx) => {
      const visit = await findVisit(ctx, parts);
      // Before anything is looked up: what is asked for, and whether it exists, makes no difference.
      if (!visit || !isEnough(visit)) return askToSignIn(ctx);
      await deed(visit, parts);
    });
  /** A change, and the page with its form: nobody fills in what is then thrown away. */
  const recently = (deed: Deed) => signedIn(deed, ({ isRecent }) => isRecent);
  const change = (path: string, show: Deed, submit: Deed) => {
    router.get(path, recently(show));
    router.post(path, recently(submit));
  };

  router.use(refuseForeignForms as never);
  router.get('/', signedIn(showOverview));
  router.get('/sign-in', open(showSignIn));
  router.post('/sign-in', open(submitSignIn));
  // The one deed that needs no recent sign-in: it only takes away.
  router.get('/sign-out', signedIn(showSignOut));
  router.post('/sign-out', signedIn(submitSignOut));
  change('/sign-out/everywhere', showSignOutEverywhere, submitSignOutEverywhere);

  router.get('/connections/:id', signedIn(showConnection));
  change('/connections/:id/rename', showRename, submitRename);
  change('/connections/:id/change', showChange, submitChange);
  change('/connections/:id/disconnect', showDisconnect, submitDisconnect);
  change('/clients/disconnect', showDisconnectClient, submitDisconnectClient);

  router.get('/organizations/:slug', signedIn(showOrganization));
  change('/organizations/:slug/connections/:id/disconnect', showEndMembersConnection, submitEndMembersConnection);
  const pages = router.routes() as unknown as Middleware;
  // The router looks at every request, and most are none of its.
  return (ctx, next) => (/^\/account(\/|$)/i.test(ctx.path) ? pages(ctx, next) : next());
}
