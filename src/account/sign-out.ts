import { overviewHref } from './overview.ts';
import type { ConfirmPage, Frame } from './pages.ts';
import type { AccountParts } from './parts.ts';
import { frame, showPage, signedInFrame, type Visit } from './visit.ts';

const signOutHref = '/account/sign-out';
const everywhereHref = `${signOutHref}/everywhere`;

export async function showSignOut(visit: Visit, parts: AccountParts): Promise<void> {
  showPage(visit.ctx, parts, 'account-confirm', {
    ...signedInFrame(visit, parts, 'Sign out'),
    form: visit.form(signOutHref),
    heading: 'Sign out?',
    explanation: 'In this browser. Tools that you have connected stay connected.',
    subjects: [],
    button: 'Sign out',
    destructive: false,
    cancelHref: overviewHref,
    more: { href: everywhereHref, words: 'Sign out on all devices instead' },
  } satisfies ConfirmPage);
}

export async function submitSignOut(visit: Visit, parts: AccountParts): Promise<void> {
  await visit.readForm();
  await parts.sessions.end(visit.ctx);
  showSignedOut(visit, parts);
}

export async function showSignOutEverywhere(visit: Visit, parts: AccountParts): Promise<void> {
  showPage(visit.ctx, parts, 'account-confirm', {
    ...signedInFrame(visit, parts, 'Sign out everywhere'),
    form: visit.form(everywhereHref),
    heading: 'Sign out everywhere?',
    explanation:
      'On every device and in every browser, this one too: each asks for your password again. Tools that you have connected stay connected.',
    subjects: [],
    button: 'Sign out everywhere',
    destructive: true,
    cancelHref: overviewHref,
  } satisfies ConfirmPage);
}

export async function submitSignOutEverywhere(visit: Visit, parts: AccountParts): Promise<void> {
  await visit.readForm();
  await parts.cutoff.endEverywhere(visit.account.id);
  await parts.sessions.end(visit.ctx);
  parts.log.info({ event: 'sign_out.everywhere', account: visit.account.id }, 'signed out everywhere');
  showSignedOut(visit, parts);
}

function showSignedOut({ ctx }: Visit, parts: AccountParts) {
  showPage(ctx, parts, 'signed-out', frame('Signed out', parts) satisfies Frame);
}
