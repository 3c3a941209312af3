import type { Context } from 'koa';
import { readOwnForm, seeOther } from '../http/index.ts';
import { type SignInFields, unsentFields } from '../sign-in/index.ts';
import { findAccountRequest } from './account-request.ts';
import { sendToConsole, showRefusal } from './hand-off.ts';
import type { AccountSignInPage } from './pages.ts';
import type { AccountParts } from './parts.ts';

/** The sign-in page first, then back to where they were. */
export function askToSignIn(ctx: Context, parts: AccountParts): void {
  const href = parts.links.signIn(ctx.path + ctx.search);
  // No form of ours may be answered with redirects that end at another origin (R104).
  if (parts.handOff && ctx.method === 'POST') showRefusal(ctx, parts, { kind: 'again' }, href);
  else seeOther(ctx, href);
}

export async function showSignIn(ctx: Context, parts: AccountParts): Promise<void> {
  const request = await findAccountRequest(ctx, parts);
  const to = wayBack(ctx, parts);
  if (parts.handOff)
    return sendToConsole(ctx, { ...parts, handOff: parts.handOff }, { to, again: request !== undefined });
  show(ctx, parts, { ...unsentFields(request?.account.email ?? ''), again: request !== undefined });
}

export async function submitSignIn(ctx: Context, parts: AccountParts): Promise<void> {
  // No password is taken where accounts are elsewhere.
  if (parts.handOff) return seeOther(ctx, parts.links.signIn(wayBack(ctx, parts)));
  const form = await readOwnForm(ctx, parts.antiForgery.ofBrowser(ctx), 'form_outdated');
  const attempt = await parts.submitSignIn(ctx, form);
  if (!attempt.account) return show(ctx, parts, { ...attempt.fields, again: false }, attempt.status);
  await parts.sessions.begin(ctx, { accountId: attempt.account.id });
  seeOther(ctx, wayBack(ctx, parts));
}

function show(ctx: Context, parts: AccountParts, input: SignInFields & { again: boolean }, status = 200) {
  const page: AccountSignInPage = {
    ...parts.pages.frame('Sign in'),
    form: { action: parts.links.signIn(wayBack(ctx, parts)), csrf: parts.antiForgery.ofBrowser(ctx) },
    ...input,
  };
  parts.pages.show(ctx, 'account-sign-in', page, { status });
}

/** Only ever a page of the account: a link to the sign-in page must not send people elsewhere afterwards. */
function wayBack(ctx: Context, { links }: AccountParts): string {
  const here = 'http://account.invalid';
  const to = URL.parse(String(ctx.query.to ?? ''), here);
  return to?.origin === here && links.leadsBackTo(to.pathname) ? to.pathname + to.search : links.overview;
}
