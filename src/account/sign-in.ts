import type { Context } from 'koa';
import { readOwnForm, seeOther } from '../http/index.ts';
import { onlyPlace, type Place, presentButton, type SignInFields, unsentFields } from '../sign-in/index.ts';
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
  if (await showSecondStep(ctx, parts)) return;
  if (place) return signInAt(ctx, parts, place, { to: wayBack(ctx, parts), again, loginHint: hint });
  show(ctx, parts, { ...unsentFields(request?.account.email ?? ''), again });
}

/** Another account, and other ways in, are chosen on the page before. */
async function showSecondStep(ctx: Context, parts: AccountParts): Promise<boolean> {
  const { account, with: way } = ctx.query;
  return account === undefined && way === undefined && parts.secondStep.show(signingIn(ctx, parts));
}

export async function submitSignIn(ctx: Context, parts: AccountParts): Promise<void> {
  const { passwords, byEmail, placeOfEmail } = parts.waysIn;
  // No password is taken where accounts are elsewhere.
  if (!passwords && !byEmail) return seeOther(ctx, parts.links.signIn(wayBack(ctx, parts)));
  const form = await readOwnForm(ctx, parts.antiForgery.ofBrowser(ctx), 'form_outdated');
  const email = form.get('email') ?? '';
  const place = placeOfEmail(email);
  if (place) return leadTo(ctx, parts, place, email);
  if (!passwords)
    return show(
      ctx,
      parts,
      { ...unsentFields(email), error: parts.pages.words(ctx).say('sign-in.no-way'), again: false },
      422,
    );
  if (!form.has('password')) return show(ctx, parts, { ...unsentFields(email), again: false }, 200, true);
  const attempt = await parts.submitSignIn(ctx, form, parts.pages.words(ctx));
  if (!attempt.account) return show(ctx, parts, { ...attempt.fields, again: false }, attempt.status, true);
  await parts.secondStep.afterPassword(signingIn(ctx, parts), attempt.account);
}

/** By a page of ours, as in a flow. */
function leadTo(ctx: Context, parts: AccountParts, place: Place, email: string): void {
  const href = hrefOf(ctx, parts, place, { login_hint: email });
  const page = { ...parts.pages.frame(ctx, 'sign-in.title'), host: place.host, href, goesOnTo: href };
  parts.pages.show(ctx, 'sign-in-elsewhere', page);
}

function hrefOf(ctx: Context, parts: AccountParts, { id }: Place, more: Record<string, string> = {}): string {
  return `${parts.links.signIn(wayBack(ctx, parts))}&${new URLSearchParams({ with: id, ...more })}`;
}

/** `isKnown`: the email was sent, and leads to no provider. */
function show(
  ctx: Context,
  parts: AccountParts,
  input: SignInFields & { again: boolean },
  status = 200,
  isKnown = false,
) {
  const { places, passwords, byEmail } = parts.waysIn;
  const form = { action: parts.links.signIn(wayBack(ctx, parts)), csrf: parts.antiForgery.ofBrowser(ctx) };
  const page: AccountSignInPage = {
    ...parts.pages.frame(ctx, 'sign-in.title'),
    ...((passwords || byEmail) && { form }),
    emailOnly: byEmail && !isKnown,
    ways: places.map((place) => ({
      href: hrefOf(ctx, parts, place),
      button: presentButton(place, parts.pages.words(ctx)),
    })),
    forgottenHref: parts.passwords?.forgottenHref(),
    passkeyHref: parts.secondStep.passkeyHref({ href: parts.links.signIn(wayBack(ctx, parts)) }),
    ...input,
  };
  parts.pages.show(ctx, 'account-sign-in', page, { status });
}
