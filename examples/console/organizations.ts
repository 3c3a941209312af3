import Router from '@koa/router';
import type { Context } from 'koa';
import type { AuthorizationServer } from './authorization-server.ts';
import { readForm } from './forms.ts';
import { errorPage, newOrganizationPage, signInPage } from './pages.ts';
import type { People } from './people.ts';
import type { Sessions } from './sessions.ts';

/** `organizationsUrl` of auth.json: whoever lacks an organization makes one, and goes back to the tool that waits. */
export function createOrganizations(server: AuthorizationServer, people: People, sessions: Sessions) {
  const router = new Router({ prefix: '/organizations' });

  router.get('/new', (ctx) => {
    if (!sessions.find(ctx)) return signInPage(ctx, { next: ctx.url });
    newOrganizationPage(ctx, { returnTo: [ctx.query.return_to].flat()[0] });
  });

  router.post('/new', async (ctx) => {
    const { name = '', return_to: returnTo } = await readForm(ctx);
    const session = sessions.find(ctx);
    if (!session) return errorPage(ctx, 403, 'Sign in first.');
    if (name.trim() === '') return newOrganizationPage(ctx, { returnTo, wrong: true });
    // Nothing to tell: the authorization server asks again when the browser is back.
    session.organizationId = people.createOrganization(name.trim(), session.accountId).id;
    goBack(ctx, returnTo);
  });

  /** Never an open redirector: `return_to` stands in an address that anybody could have made. */
  function goBack(ctx: Context, returnTo = ''): void {
    const isServer = URL.parse(returnTo)?.origin === new URL(server.issuer).origin;
    ctx.status = 303;
    ctx.redirect(isServer ? returnTo : '/');
  }

  return router.routes();
}
