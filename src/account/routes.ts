import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { refuseForeignForms } from '../http/index.ts';
import { type AccountRequest, findAccountRequest } from './account-request.ts';
import { showChange, submitChange } from './change.ts';
import { showConnection, showRename, submitRename } from './connection.ts';
import { showDisconnect, showDisconnectClient, submitDisconnect, submitDisconnectClient } from './disconnect.ts';
import { createLinks } from './links.ts';
import { showEndMembersConnection, showOrganization, submitEndMembersConnection } from './organization.ts';
import { showOverview } from './overview.ts';
import type { AccountPageParts, AccountParts } from './parts.ts';
import { askToSignIn, showSignIn, submitSignIn } from './sign-in.ts';
import { showSignOut, showSignOutEverywhere, submitSignOut, submitSignOutEverywhere } from './sign-out.ts';

type Handler = (request: AccountRequest, parts: AccountParts) => Promise<void>;
type OpenHandler = (ctx: Context, parts: AccountParts) => Promise<void>;

/** The pages of the account, as one middleware. */
export function createAccountRoutes(given: AccountPageParts): Middleware {
  const { account } = given.paths;
  const parts: AccountParts = { ...given, links: createLinks(account) };
  const router = new Router({ prefix: account });
  const open = (handle: OpenHandler) => (async (ctx: Context) => handle(ctx, parts)) as never;

  /** For whoever is signed in. */
  const signedIn = (handle: Handler, isEnough: (request: AccountRequest) => boolean = () => true) =>
    open(async (ctx) => {
      const request = await findAccountRequest(ctx, parts);
      // Before anything is looked up: what is asked for, and whether it exists, makes no difference.
      if (!request || !isEnough(request)) return askToSignIn(ctx, parts);
      await handle(request, parts);
    });
  /** A change, and the page with its form: nobody fills in what is then thrown away. */
  const recently = (handle: Handler) => signedIn(handle, ({ isRecent }) => isRecent);
  const change = (path: string, show: Handler, submit: Handler) => {
    router.get(path, recently(show));
    router.post(path, recently(submit));
  };

  router.use(refuseForeignForms as never);
  router.get('/', signedIn(showOverview));
  router.get('/sign-in', open(showSignIn));
  router.post('/sign-in', open(submitSignIn));
  // The one change that needs no recent sign-in: it only takes away.
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
  // The router looks at every request, and most are none of its. In either case, as the router takes them.
  const own = new RegExp(`^${RegExp.escape(account)}(/|$)`, 'i');
  return function accountPages(ctx, next) {
    return own.test(ctx.path) ? pages(ctx, next) : next();
  };
}
