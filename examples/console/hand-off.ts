import Router from '@koa/router';
import type { Context } from 'koa';
import { type AuthorizationServer, call } from './authorization-server.ts';
import { readForm } from './forms.ts';
import { errorPage, signInPage } from './pages.ts';
import type { People } from './people.ts';
import type { Session, Sessions } from './sessions.ts';

/** The hand-off, all of it: one page for people who come from the authorization server, one call to answer it. */
export function createHandOff(server: AuthorizationServer, people: People, sessions: Sessions) {
  const router = new Router({ prefix: '/mcp' });

  /** Whoever is signed in already is back at once, unless the request asks for more. */
  router.get('/sign-in', async (ctx) => {
    const session = sessions.find(ctx);
    if (session && isEnough(session, ctx)) return accept(ctx, parameter(ctx, 'login_challenge'), session);
    const challenge = parameter(ctx, 'login_challenge');
    const { status, body } = await call(server, `challenges/${encodeURIComponent(challenge)}`);
    if (status !== 200) return errorPage(ctx, 400, 'This sign-in has expired. Begin again in your tool.');
    const { client } = body as { client: { name: string } };
    signInPage(ctx, { challenge, for: client.name, email: parameter(ctx, 'login_hint') });
  });

  router.post('/sign-in', async (ctx) => {
    const { login_challenge: challenge = '', email = '', password = '' } = await readForm(ctx);
    const account = people.signIn(email, password);
    if (!account) return signInPage(ctx, { challenge, email, wrong: true });
    return accept(ctx, challenge, sessions.begin(ctx, account.id));
  });

  router.post('/cancel', async (ctx) => {
    const { login_challenge: challenge = '' } = await readForm(ctx);
    return answer(ctx, challenge, 'reject', { error: 'access_denied', message: 'You chose not to sign in.' });
  });

  function accept(ctx: Context, challenge: string, session: Session) {
    const account = people.find(session.accountId);
    return answer(ctx, challenge, 'accept', {
      account: { id: account?.id, email: account?.email, email_verified: true, name: account?.name },
      auth_time: session.authTime,
      amr: ['pwd'],
      session_id: session.publicId,
      organization: session.organizationId,
    });
  }

  async function answer(ctx: Context, challenge: string, verb: 'accept' | 'reject', what: object) {
    const { status, body } = await call(server, `challenges/${encodeURIComponent(challenge)}/${verb}`, what);
    if (status !== 200) return errorPage(ctx, 400, 'This sign-in has expired. Begin again in your tool.');
    // Never an open redirector: whatever was answered, the browser goes to the authorization server and nowhere else.
    const target = new URL(String(body.redirect_to));
    if (target.origin !== new URL(server.issuer).origin) return errorPage(ctx, 502, 'That is not where you came from.');
    ctx.status = 303;
    ctx.redirect(target.href);
  }

  return router.routes();
}

/** `prompt` and `max_age` (OIDC Core §3.1.2.1) want the person to sign in, or to choose, in spite of a session. */
function isEnough({ authTime }: Session, ctx: Context): boolean {
  if (parameter(ctx, 'prompt') !== '') return false;
  const maxAge = parameter(ctx, 'max_age');
  return maxAge === '' || Date.now() / 1000 - authTime <= Number(maxAge);
}

/** A parameter that comes twice counts as the first; one that is missing is empty. */
function parameter(ctx: Context, name: string): string {
  return [ctx.query[name]].flat()[0] ?? '';
}
