import { randomBytes } from 'node:crypto';
import type { Context } from 'koa';
import { refuseWithoutCookies, seeOther } from '../http/index.ts';
import { recentSeconds } from '../sessions/index.ts';
import {
  type Place,
  presentRefusal,
  reportRefusal,
  reportSignIn,
  type SignInRefusal,
  sendTo,
  statusOf,
} from '../sign-in/index.ts';
import type { AccountPageParts } from './parts.ts';

const prefix = 'account-';
const lifetimeSeconds = 600;
/** So that a sign-in which is just recent enough at the console is so here, too, when the browser arrives. */
const arrivalSeconds = 60;

/** Whether the browser comes back for the pages of the account, and for no authorization. */
export function isAccountSignIn(uid: string): boolean {
  return uid.startsWith(prefix);
}

interface Wish {
  /** The page to which they go on. */
  readonly to: string;
  /** Somebody is signed in, and not recently enough for what they want to do. */
  readonly again: boolean;
  readonly loginHint?: string | undefined;
}

/** Sends the browser to sign in elsewhere, as in a flow; a cookie at the return address takes the place of the interaction. */
export async function signInAt(ctx: Context, parts: AccountPageParts, place: Place, wish: Wish): Promise<void> {
  const { issuer, policy, cookies, paths } = parts;
  const uid = `${prefix}${randomBytes(16).toString('base64url')}`;
  const { host } = new URL(issuer);
  const refusal = await sendTo(place, ctx, {
    uid,
    lifetimeSeconds,
    asked: {
      client: { name: policy.brand.name, host, verified: true },
      redirect_host: host,
      resource: issuer,
      scopes: [],
      ...(wish.again && { max_age: recentSeconds - arrivalSeconds }),
    },
    loginHint: wish.loginHint,
  });
  if (refusal) return refuse(ctx, parts, refusal);
  const maxAge = lifetimeSeconds * 1000;
  const path = paths.interaction(uid);
  ctx.cookies.set(cookies.names.returning, encodeURIComponent(wish.to), { ...cookies.protection, path, maxAge });
}

export async function returnToAccount(ctx: Context, parts: AccountPageParts): Promise<void> {
  const { cookies, directory, waysIn, paths } = parts;
  const { uid } = ctx.params;
  // Set only at this address, and only in the browser that was sent away from here.
  const to = ctx.cookies.get(cookies.names.returning, { signed: true });
  if (to === undefined) refuseWithoutCookies(ctx, 403);
  if (to === undefined) return refuse(ctx, parts, { kind: 'late' });
  const arrival = await waysIn.redeem(ctx, uid);
  if (arrival.kind === 'refused') return refuse(ctx, parts, arrival.refusal);
  const { facts } = arrival;
  if (!(await directory.findAccount(facts.accountId))) return refuse(ctx, parts, { kind: 'unknown' });
  ctx.cookies.set(cookies.names.returning, null, { ...cookies.protection, path: paths.interaction(uid) });
  reportSignIn(parts.events, facts);
  await parts.sessions.begin(ctx, facts);
  seeOther(ctx, decodeURIComponent(to));
}

function refuse(ctx: Context, parts: AccountPageParts, refusal: SignInRefusal): void {
  reportRefusal(parts.events, refusal, { reference: ctx.state.request?.reference });
  showRefusal(ctx, parts, { ...refusal, reference: ctx.state.request?.reference }, parts.paths.account);
  ctx.set('Referrer-Policy', 'no-referrer');
}

export function showRefusal(
  ctx: Context,
  { pages }: Pick<AccountPageParts, 'pages'>,
  refusal: SignInRefusal,
  retryHref: string,
): void {
  const page = { ...pages.frame(ctx, 'refusal.title'), ...presentRefusal(refusal, pages.words(ctx)), retryHref };
  pages.show(ctx, 'sign-in-refused', page, { status: statusOf(refusal) });
}
