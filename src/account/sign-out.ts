import type { Frame } from '../http/index.ts';
import type { Origin } from '../sessions/index.ts';
import { type AccountRequest, signedInFrame } from './account-request.ts';
import type { ConfirmPage } from './pages.ts';
import type { AccountParts } from './parts.ts';

export async function showSignOut(request: AccountRequest, parts: AccountParts): Promise<void> {
  parts.pages.show(request.ctx, 'account-confirm', {
    ...signedInFrame(request, parts, 'Sign out'),
    form: request.form(parts.links.signOut),
    heading: 'Sign out?',
    explanation: 'In this browser. Tools that you have connected stay connected.',
    subjects: [],
    button: 'Sign out',
    destructive: false,
    cancelHref: parts.links.overview,
    more: { href: parts.links.signOutEverywhere, words: 'Sign out on all devices instead' },
  } satisfies ConfirmPage);
}

export async function submitSignOut(request: AccountRequest, parts: AccountParts): Promise<void> {
  await request.readForm();
  const origin = await parts.sessions.end(request.ctx);
  parts.events.emit({ event: 'sign_out', account: request.account.id });
  await showSignedOut(request, parts, origin);
}

export async function showSignOutEverywhere(request: AccountRequest, parts: AccountParts): Promise<void> {
  parts.pages.show(request.ctx, 'account-confirm', {
    ...signedInFrame(request, parts, 'Sign out everywhere'),
    form: request.form(parts.links.signOutEverywhere),
    heading: 'Sign out everywhere?',
    explanation:
      'On every device and in every browser, this one too: each asks you to sign in again. Tools that you have connected stay connected.',
    subjects: [],
    button: 'Sign out everywhere',
    destructive: true,
    cancelHref: parts.links.overview,
  } satisfies ConfirmPage);
}

export async function submitSignOutEverywhere(request: AccountRequest, parts: AccountParts): Promise<void> {
  await request.readForm();
  await parts.cutoff.endEverywhere(request.account.id);
  const origin = await parts.sessions.end(request.ctx);
  parts.events.emit({ event: 'sign_out.everywhere', account: request.account.id });
  await showSignedOut(request, parts, origin);
}

/** And on to where they signed in, so that nobody who sits there next is signed in again with one click. */
async function showSignedOut({ ctx }: AccountRequest, { pages, waysIn }: AccountParts, origin: Origin | undefined) {
  const href = await waysIn.signOutUrl(origin);
  const elsewhere = href !== undefined && { goesOnTo: href, elsewhere: { href, host: new URL(href).host } };
  pages.show(ctx, 'signed-out', { ...pages.frame('Signed out'), ...elsewhere } satisfies Frame);
}
