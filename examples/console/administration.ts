import Router from '@koa/router';
import type { Context } from 'koa';
import type { createOutbox } from './events.ts';
import { readForm } from './forms.ts';
import { errorPage, homePage, signInPage, signOutPage } from './pages.ts';
import type { People } from './people.ts';
import type { Session, Sessions } from './sessions.ts';

export interface AdministrationParts {
  readonly people: People;
  readonly sessions: Sessions;
  readonly outbox: ReturnType<typeof createOutbox>;
}

/** What a console is for otherwise: people sign in, switch organizations, and owners remove others. */
export function createAdministration({ people, sessions, outbox }: AdministrationParts) {
  const router = new Router();

  router.get('/', (ctx) => {
    const session = sessions.find(ctx);
    const account = session && people.find(session.accountId);
    if (!account) return signInPage(ctx, {});
    const memberships = people.memberships(account.id);
    const current = currentOf(session);
    const members = current ? people.membersOf(current.organization.id) : [];
    homePage(ctx, { account, memberships, current, members });
  });

  router.post('/sign-in', async (ctx) => {
    const { email = '', password = '', next = '/' } = await readForm(ctx);
    const account = people.signIn(email, password);
    if (!account) return signInPage(ctx, { email, wrong: true, next });
    sessions.begin(ctx, account.id);
    // A page of this console, whatever the form says.
    ctx.redirect(next.startsWith('/organizations/new') ? next : '/');
  });

  /** Where the authorization server sends whoever has signed out there: a link must not sign anybody out. */
  router.get('/sign-out', (ctx) => signOutPage(ctx, { isSignedIn: sessions.find(ctx) !== undefined }));

  router.post('/sign-out', async (ctx) => {
    const session = sessions.find(ctx);
    sessions.end(ctx);
    if (session) void outbox.tell({ type: 'account.signed_out', account: session.accountId });
    ctx.redirect('/');
  });

  router.post('/organization', async (ctx) => {
    const { organization } = await readForm(ctx);
    const session = sessions.find(ctx);
    const isMember = people.memberships(session?.accountId ?? '').some((each) => each.organization.id === organization);
    if (session && isMember) session.organizationId = organization;
    ctx.redirect('/');
  });

  /** Not answered before it is told: when the page says so, the tools of that person are refused. */
  router.post('/members/:verb', async (ctx) => {
    const { account: accountId = '', role = '' } = await readForm(ctx);
    const organizationId = ownedBy(ctx);
    if (organizationId === undefined) return errorPage(ctx, 403, 'Only an owner may do that.');
    const about = { account: accountId, organization: organizationId };
    if (!people.memberships(accountId).some(({ organization }) => organization.id === organizationId))
      return errorPage(ctx, 404, 'There is no such member.');
    switch (ctx.params.verb) {
      case 'remove':
        people.remove(accountId, organizationId);
        await outbox.tell({ type: 'membership.ended', ...about });
        break;
      case 'role':
        people.changeRole(accountId, organizationId, role);
        await outbox.tell({ type: 'role.changed', ...about });
        break;
      case 'disable':
        people.disable(accountId);
        sessions.endAll(accountId);
        await outbox.tell({ type: 'account.disabled', account: accountId });
        break;
      default:
        return errorPage(ctx, 404, 'There is nothing here.');
    }
    ctx.redirect('/');
  });

  function currentOf({ accountId, organizationId }: Session) {
    const memberships = people.memberships(accountId);
    return memberships.find(({ organization }) => organization.id === organizationId) ?? memberships[0];
  }

  function ownedBy(ctx: Context): string | undefined {
    const session = sessions.find(ctx);
    const current = session && currentOf(session);
    return current?.role === 'owner' ? current.organization.id : undefined;
  }

  return router.routes();
}
