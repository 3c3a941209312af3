import type { Context } from 'koa';
import type { Account, Membership } from '../directory/index.ts';
import { pageHeaders } from '../http/index.ts';
import { csrfOfSession, readOwnForm } from './anti-forgery.ts';
import { takeNotice } from './notice.ts';
import type { Form, Frame, SignedInFrame } from './pages.ts';
import type { AccountParts } from './parts.ts';

/** One request of somebody who is signed in. */
export interface Visit {
  readonly ctx: Context;
  readonly account: Account;
  /** Of this account; asked once. */
  memberships(): Promise<readonly Membership[]>;
  /** Signed in so recently that changes may be made. */
  readonly isRecent: boolean;
  form(action: string): Form;
  readForm(): Promise<URLSearchParams>;
}

/** Long enough to put things in order, too short for whoever finds the computer unlocked after lunch. */
const recentSeconds = 15 * 60;

export async function findVisit(ctx: Context, parts: AccountParts): Promise<Visit | undefined> {
  const signedIn = await parts.sessions.find(ctx);
  const account = signedIn && (await parts.directory.findAccount(signedIn.accountId));
  if (!signedIn || !account) return undefined;
  const csrf = csrfOfSession(parts, signedIn);
  let memberships: Promise<readonly Membership[]> | undefined;
  return {
    ctx,
    account,
    memberships() {
      memberships ??= parts.directory.memberships(account.id);
      return memberships;
    },
    isRecent: Math.floor(Date.now() / 1000) - signedIn.since <= recentSeconds,
    form: (action) => ({ action, csrf }),
    readForm: () => readOwnForm(ctx, csrf),
  };
}

export function frame(
  title: string,
  { policy, stylesheetPath }: Pick<AccountParts, 'policy' | 'stylesheetPath'>,
): Frame {
  return { title, brand: policy.brand.name, stylesheet: stylesheetPath };
}

/** What every page for somebody who is signed in has. */
export function signedInFrame({ ctx, account }: Visit, parts: AccountParts, title: string): SignedInFrame {
  const notice = takeNotice(ctx, parts);
  return {
    ...frame(title, parts),
    account: { name: account.name, email: account.email, signOutHref: '/account/sign-out' },
    ...(notice && { notice }),
  };
}

export function showPage(ctx: Context, { render }: AccountParts, template: string, page: object, status = 200): void {
  ctx.set(pageHeaders({ formActions: [] }));
  ctx.status = status;
  ctx.type = 'html';
  ctx.body = render(template, page);
}

/** A form was dealt with, or has to wait: the browser opens a page of ours. */
export function goTo(ctx: Context, href: string): void {
  ctx.status = 303;
  ctx.set('Cache-Control', 'no-store');
  ctx.redirect(href);
  ctx.body = '';
}
