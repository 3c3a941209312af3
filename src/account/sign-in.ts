import type { Context } from 'koa';
import { seeOther } from '../http/index.ts';
import { onlyPlace, type SignInOccasion, showSignInForm, submitSignInForm } from '../sign-in/index.ts';
import { findAccountRequest } from './account-request.ts';
import { showRefusal, signInAt } from './elsewhere.ts';
import type { AccountSignInPage } from './pages.ts';
import type { AccountParts } from './parts.ts';
import { signingIn } from './second-step.ts';
import { wayBack } from './way-back.ts';

/** The sign-in page first, then back to where they were. */
export function askToSignIn(ctx: Context, parts: AccountParts): void {
  const href = parts.links.signIn(ctx.path + ctx.search);
  // No form of ours may be answered with redirects that end at another origin (R104).
  if (parts.waysIn.places.length > 0 && ctx.method === 'POST') showRefusal(ctx, parts, { kind: 'again' }, href);
  else seeOther(ctx, href);
}

export async function showSignIn(ctx: Context, parts: AccountParts): Promise<void> {
  const { waysIn } = parts;
  const [request, signedIn] = await Promise.all([findAccountRequest(ctx, parts), parts.sessions.find(ctx)]);
  const again = request !== undefined;
  // Whoever has to show once more that it is them does so where they did before.
  const before = again ? waysIn.find(signedIn?.origin?.provider) : undefined;
  const place = waysIn.find(ctx.query.with) ?? before ?? onlyPlace(waysIn);
  const [hint] = [ctx.query.login_hint].flat();
  const occasion = occasionOf(ctx, parts, again);
  if (await parts.secondStep.show(occasion.at)) return;
  if (place) return signInAt(ctx, parts, place, { to: wayBack(ctx, parts), again, loginHint: hint });
  await showSignInForm(occasion, parts, request?.account.email ?? '');
}

export async function submitSignIn(ctx: Context, parts: AccountParts): Promise<void> {
  await submitSignInForm(occasionOf(ctx, parts, false), parts);
}

function occasionOf(ctx: Context, parts: AccountParts, again: boolean) {
  const { pages, antiForgery, secondStep } = parts;
  const at = signingIn(ctx, parts);
  return {
    at,
    form: () => ({ action: at.href, csrf: antiForgery.ofBrowser(ctx) }),
    afterPassword: (account) => secondStep.afterPassword(at, account),
    show(shared, answer) {
      const page: AccountSignInPage = { ...shared, again };
      pages.show(ctx, 'account-sign-in', page, answer);
    },
  } satisfies SignInOccasion;
}
