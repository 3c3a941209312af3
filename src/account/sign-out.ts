import type { Frame } from '../http/index.ts';
import type { Origin } from '../sessions/index.ts';
import { type AccountRequest, signedInFrame } from './account-request.ts';
import type { ConfirmPage } from './pages.ts';
import type { AccountParts } from './parts.ts';

export async function showSignOut(request: AccountRequest, parts: AccountParts): Promise<void> {
  const { say } = parts.pages.words(request.ctx);
  parts.pages.show(request.ctx, 'account-confirm', {
    ...signedInFrame(request, parts, 'sign-out-account.title'),
    form: request.form(parts.links.signOut),
    heading: say('sign-out-account.heading'),
    explanation: say('sign-out-account.explanation'),
    subjects: [],
    button: say('sign-out-account.button'),
    destructive: false,
    cancelHref: parts.links.overview,
    more: { href: parts.links.signOutEverywhere, words: say('sign-out-account.instead') },
  } satisfies ConfirmPage);
}

export async function submitSignOut(request: AccountRequest, parts: AccountParts): Promise<void> {
  await request.readForm();
  const origin = await parts.sessions.end(request.ctx);
  parts.events.emit({ event: 'sign_out', account: request.account.id });
  await showSignedOut(request, parts, origin);
}

export async function showSignOutEverywhere(request: AccountRequest, parts: AccountParts): Promise<void> {
  const { say } = parts.pages.words(request.ctx);
  parts.pages.show(request.ctx, 'account-confirm', {
    ...signedInFrame(request, parts, 'sign-out-account.everywhere'),
    form: request.form(parts.links.signOutEverywhere),
    heading: say('sign-out-account.everywhere.heading'),
    explanation: say('sign-out-account.everywhere.explanation'),
    subjects: [],
    button: say('sign-out-account.everywhere'),
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
  pages.show(ctx, 'signed-out', { ...pages.frame(ctx, 'sign-out.done.title'), ...elsewhere } satisfies Frame);
}
