import type { Context } from 'koa';
import { type Endpoint, refuseForeignForm, seeOther } from '../http/index.ts';
import { type AccountRequest, findAccountRequest } from './account-request.ts';
import { showAddApp, showAddPasskey, submitAddApp, submitAddPasskey } from './add-factor.ts';
import { showChange, submitChange } from './change.ts';
import { showConnection, showRename, submitRename } from './connection.ts';
import { showDisconnect, showDisconnectClient, submitDisconnect, submitDisconnectClient } from './disconnect.ts';
import { createLinks } from './links.ts';
import { showNewCodes, submitNewCodes } from './new-codes.ts';
import { showEndMembersConnection, showOrganization, submitEndMembersConnection } from './organization.ts';
import { showOverview } from './overview.ts';
import type { AccountPageParts, AccountParts } from './parts.ts';
import { showPassword, submitPassword } from './password.ts';
import { showRemoveFactor, submitRemoveFactor } from './remove-factor.ts';
import { showRenameFactor, submitRenameFactor } from './rename-factor.ts';
import { submitSecondStep } from './second-step.ts';
import { showSecurity } from './security.ts';
import { askToSignIn, showSignIn, submitSignIn } from './sign-in.ts';
import { showSignOut, showSignOutEverywhere, submitSignOut, submitSignOutEverywhere } from './sign-out.ts';
import { wayBack } from './way-back.ts';

type Handler = (request: AccountRequest, parts: AccountParts) => Promise<void>;
type OpenHandler = (ctx: Context, parts: AccountParts) => Promise<void>;

/** The pages of the account. */
export function accountEndpoints(given: AccountPageParts): Endpoint[] {
  const { account } = given.paths;
  const parts: AccountParts = { ...given, links: createLinks(account) };

  /** Signed in with a password alone, since before the operator wanted more. */
  const lacksFactor = ({ ctx, signedIn: { amr, origin } }: AccountRequest) =>
    !ctx.path.includes('/sign-out') && parts.secondStep.isMissing({ amr, origin });

  /** For whoever is signed in. */
  const signedIn =
    (handle: Handler, isEnough: (request: AccountRequest) => boolean = () => true): OpenHandler =>
    async (ctx) => {
      const request = await findAccountRequest(ctx, parts);
      // Before anything is looked up: what is asked for, and whether it exists, makes no difference.
      if (!request || !isEnough(request) || lacksFactor(request)) return askToSignIn(ctx, parts);
      await handle(request, parts);
    };
  const get = (path: string, handle: OpenHandler): Endpoint => ({
    name: 'account',
    path: account + path,
    methods: ['GET'],
    handler: (ctx) => handle(ctx, parts),
  });
  const post = (path: string, handle: OpenHandler): Endpoint => ({
    name: 'account',
    path: account + path,
    methods: ['POST'],
    once: 'form',
    handler(ctx) {
      refuseForeignForm(ctx);
      return handle(ctx, parts);
    },
  });
  /** A change, and the page with its form: nobody fills in what is then thrown away. */
  const change = (path: string, show: Handler, submit: Handler) => [
    get(
      path,
      signedIn(show, ({ isRecent }) => isRecent),
    ),
    post(
      path,
      signedIn(submit, ({ isRecent }) => isRecent),
    ),
  ];

  return [
    get('', signedIn(showOverview)),
    get('/sign-in', showSignIn),
    post('/sign-in', submitSignIn),
    post('/sign-in/factor', submitSecondStep),
    get('/sign-in/factor', async (ctx) => seeOther(ctx, parts.links.signIn(wayBack(ctx, parts)))),
    // The one change that needs no recent sign-in: it only takes away.
    get('/sign-out', signedIn(showSignOut)),
    post('/sign-out', signedIn(submitSignOut)),
    ...change('/sign-out/everywhere', showSignOutEverywhere, submitSignOutEverywhere),

    // Asks for the password of now, and that is recent enough.
    ...(parts.passwords ? [get('/password', signedIn(showPassword)), post('/password', signedIn(submitPassword))] : []),
    get('/security', signedIn(showSecurity)),
    ...change('/security/app', showAddApp, submitAddApp),
    ...change('/security/new-passkey', showAddPasskey, submitAddPasskey),
    ...change('/security/recovery-codes', showNewCodes, submitNewCodes),
    ...change('/security/factors/:id/rename', showRenameFactor, submitRenameFactor),
    ...change('/security/factors/:id/remove', showRemoveFactor, submitRemoveFactor),

    get('/connections/:id', signedIn(showConnection)),
    ...change('/connections/:id/rename', showRename, submitRename),
    ...change('/connections/:id/change', showChange, submitChange),
    ...change('/connections/:id/disconnect', showDisconnect, submitDisconnect),
    ...change('/clients/disconnect', showDisconnectClient, submitDisconnectClient),

    get('/organizations/:slug', signedIn(showOrganization)),
    ...change('/organizations/:slug/connections/:id/disconnect', showEndMembersConnection, submitEndMembersConnection),
  ];
}
