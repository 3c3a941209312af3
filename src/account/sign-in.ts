import type { Context } from 'koa';
import { csrfOfBrowser, readOwnForm } from './anti-forgery.ts';
import { overviewHref } from './overview.ts';
import type { AccountSignInPage } from './pages.ts';
import type { AccountParts } from './parts.ts';
import { findVisit, frame, goTo, showPage } from './visit.ts';

const signInHref = '/account/sign-in';
const wrong = 'The email or the password is wrong.';

/** The sign-in page first, then back to where they were. */
export function askToSignIn(ctx: Context): void {
  goTo(ctx, `${signInHref}?to=${encodeURIComponent(ctx.path + ctx.search)}`);
}

export async function showSignIn(ctx: Context, parts: AccountParts): Promise<void> {
  const visit = await findVisit(ctx, parts);
  show(ctx, parts, { email: visit?.account.email ?? '', again: visit !== undefined });
}

export async function submitSignIn(ctx: Context, parts: AccountParts): Promise<void> {
  const form = await readOwnForm(ctx, csrfOfBrowser(ctx, parts));
  const email = form.get('email') ?? '';
  const credentials = { email, password: form.get('password') ?? '', address: parts.clientAddress(ctx) };
  const result = await parts.signIn(credentials);
  if (result.kind === 'signed-in') {
    await parts.sessions.begin(ctx, result.account.id);
    return goTo(ctx, wayBack(ctx));
  }
  parts.log.info({ event: `sign_in.${result.kind}`, reference: ctx.state.reference }, 'sign-in refused');
  if (result.kind === 'refused') {
    return show(ctx, parts, { email, problem: wrong, wrongFields: ['email', 'password'] }, 422);
  }
  ctx.set('Retry-After', String(result.retryAfterSeconds));
  show(ctx, parts, { email, problem: tooMany(result.retryAfterSeconds) }, 429);
}

function show(
  ctx: Context,
  parts: AccountParts,
  input: Partial<AccountSignInPage> & Pick<AccountSignInPage, 'email'>,
  status = 200,
) {
  const to = encodeURIComponent(wayBack(ctx));
  const page: AccountSignInPage = {
    ...frame('Sign in', parts),
    form: { action: `${signInHref}?to=${to}`, csrf: csrfOfBrowser(ctx, parts) },
    again: false,
    wrongFields: [],
    ...input,
  };
  showPage(ctx, parts, 'account-sign-in', page, status);
}

/** Only ever a page of the account: a link to the sign-in page must not send people elsewhere afterwards. */
function wayBack(ctx: Context): string {
  const here = 'http://account.invalid';
  const to = URL.parse(String(ctx.query.to ?? ''), here);
  const isOurs = to?.origin === here && /^\/account(\/(?!sign-in)|$)/.test(to.pathname);
  return to && isOurs ? to.pathname + to.search : overviewHref;
}

function tooMany(seconds: number) {
  const minutes = Math.ceil(seconds / 60);
  return `Too many tries. Wait ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} and try again.`;
}
