import type { Context } from 'koa';
import { type SignInFields, unsentFields } from '../sign-in/index.ts';
import { csrfOfBrowser, readOwnForm } from './anti-forgery.ts';
import { overviewHref } from './overview.ts';
import type { AccountSignInPage } from './pages.ts';
import type { AccountParts } from './parts.ts';
import { findVisit, frame, goTo, showPage } from './visit.ts';

const signInHref = '/account/sign-in';

/** The sign-in page first, then back to where they were. */
export function askToSignIn(ctx: Context): void {
  goTo(ctx, `${signInHref}?to=${encodeURIComponent(ctx.path + ctx.search)}`);
}

export async function showSignIn(ctx: Context, parts: AccountParts): Promise<void> {
  const visit = await findVisit(ctx, parts);
  show(ctx, parts, { ...unsentFields(visit?.account.email ?? ''), again: visit !== undefined });
}

export async function submitSignIn(ctx: Context, parts: AccountParts): Promise<void> {
  const attempt = await parts.submitSignIn(ctx, await readOwnForm(ctx, csrfOfBrowser(ctx, parts)));
  if (!attempt.account) return show(ctx, parts, { ...attempt.fields, again: false }, attempt.status);
  await parts.sessions.begin(ctx, attempt.account.id);
  goTo(ctx, wayBack(ctx));
}

function show(ctx: Context, parts: AccountParts, input: SignInFields & { again: boolean }, status = 200) {
  const to = encodeURIComponent(wayBack(ctx));
  const page: AccountSignInPage = {
    ...frame('Sign in', parts),
    form: { action: `${signInHref}?to=${to}`, csrf: csrfOfBrowser(ctx, parts) },
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
