import type { Context } from 'koa';
import { type Account, findAccountWithMemberships, type Membership } from '../directory/index.ts';
import { type Form, readOwnForm } from '../http/index.ts';
import type { Values } from '../messages/index.ts';
import { type Origin, recentSeconds, type SignedIn } from '../sessions/index.ts';
import type { SignedInFrame } from './pages.ts';
import type { AccountParts } from './parts.ts';

/** One request of somebody who is signed in. */
export interface AccountRequest {
  readonly ctx: Context;
  readonly account: Account;
  readonly memberships: readonly Membership[];
  /** Signed in so recently that changes may be made. */
  readonly isRecent: boolean;
  /** The identity provider at which the session began. */
  readonly origin?: Origin | undefined;
  readonly signedIn: SignedIn;
  form(action: string): Form;
  readForm(): Promise<URLSearchParams>;
}

/** Nothing when nobody is signed in. */
export async function findAccountRequest(ctx: Context, parts: AccountParts): Promise<AccountRequest | undefined> {
  const signedIn = await parts.sessions.find(ctx);
  const found = signedIn && (await findAccountWithMemberships(parts.directory, signedIn.accountId));
  if (!signedIn || !found) return undefined;
  const csrf = parts.antiForgery.ofSession(signedIn);
  return {
    ctx,
    ...found,
    origin: signedIn.origin,
    signedIn,
    isRecent: parts.clock.seconds() - signedIn.since <= recentSeconds,
    form: (action) => ({ action, csrf }),
    readForm: () => readOwnForm(ctx, csrf, 'form_outdated'),
  };
}

/** What every page for somebody who is signed in has. */
export function signedInFrame(
  request: AccountRequest,
  parts: AccountParts,
  title: string,
  values?: Values,
): SignedInFrame {
  const { name, email } = request.account;
  const flash = takeFlash(request.ctx, parts);
  return {
    ...parts.pages.frame(request.ctx, title, values),
    account: { name, email, signOutHref: parts.links.signOut },
    ...(flash && { flash }),
  };
}

/** What was just done, said once on the page that follows. In a signed cookie: in the URL any link could claim it. */
const flashes = {
  renamed: 'rename.saved',
  changed: 'change.saved',
  disconnected: 'disconnect.done',
  password: 'new-password.changed',
  added: 'security.added',
  removed: 'security.removed',
} as const;

type Flash = keyof typeof flashes;

export function setFlash(ctx: Context, { cookies, paths }: AccountParts, flash: Flash): void {
  ctx.cookies.set(cookies.names.flash, flash, { ...cookies.protection, path: paths.account, maxAge: 60_000 });
}

function takeFlash(ctx: Context, { cookies, paths, pages }: AccountParts): string | undefined {
  const left = ctx.cookies.get(cookies.names.flash, { signed: true });
  if (!left || !Object.hasOwn(flashes, left)) return undefined;
  ctx.cookies.set(cookies.names.flash, null, { ...cookies.protection, path: paths.account });
  return pages.words(ctx).say(flashes[left as Flash]);
}
