import { randomBytes } from 'node:crypto';
import type { Context } from 'koa';
import { seeOther } from '../http/index.ts';
import { findRefusal, type HandOff, type HandOffRefusal, presentRefusal, signInFacts } from '../sign-in/index.ts';
import { recentSeconds } from './account-request.ts';
import type { AccountParts } from './parts.ts';

type Parts = Omit<AccountParts, 'links'> & { readonly handOff: HandOff };

const prefix = 'account-';
const lifetimeSeconds = 600;
/** So that a sign-in which is just recent enough at the console is so here, too, when the browser arrives. */
const arrivalSeconds = 60;

/** Whether the browser comes back from the console for the pages of the account, and for no authorization. */
export function isAccountSignIn(uid: string): boolean {
  return uid.startsWith(prefix);
}

/** The same hand-off as in a flow. What stands for its interaction is a cookie at the address to which the browser returns. */
export async function sendToConsole(
  ctx: Context,
  parts: Parts,
  { to, again }: { readonly to: string; readonly again: boolean },
): Promise<void> {
  const { issuer, policy, cookies, paths } = parts;
  const uid = `${prefix}${randomBytes(16).toString('base64url')}`;
  const { host } = new URL(issuer);
  await parts.handOff.begin(ctx, {
    uid,
    lifetimeSeconds,
    asked: {
      client: { name: policy.brand.name, host, verified: true },
      redirect_host: host,
      resource: issuer,
      scopes: [],
      // Somebody is signed in, and not recently enough for what they want to do.
      ...(again && { max_age: recentSeconds - arrivalSeconds }),
    },
  });
  const maxAge = lifetimeSeconds * 1000;
  const path = paths.interaction(uid);
  ctx.cookies.set(cookies.names.returning, encodeURIComponent(to), { ...cookies.protection, path, maxAge });
}

export async function returnFromConsole(ctx: Context, parts: Parts): Promise<void> {
  const { cookies, directory, handOff, paths } = parts;
  const { uid } = ctx.params;
  // Set only at this address, and only in the browser that was sent to the console from here.
  const to = ctx.cookies.get(cookies.names.returning, { signed: true });
  const redeemed = to === undefined ? undefined : await handOff.redeem(ctx, uid);
  const refusal = findRefusal(redeemed);
  if (refusal || to === undefined || redeemed?.kind !== 'accepted')
    return refuse(ctx, parts, refusal ?? { kind: 'late' });
  if (!(await directory.findAccount(redeemed.body.account.id))) return refuse(ctx, parts, { kind: 'unknown' });
  ctx.cookies.set(cookies.names.returning, null, { ...cookies.protection, path: paths.interaction(uid) });
  parts.events.emit({ event: 'sign_in', account: redeemed.body.account.id, method: 'console' });
  await parts.sessions.begin(ctx, signInFacts(redeemed));
  seeOther(ctx, decodeURIComponent(to));
}

function refuse(ctx: Context, { pages, paths, events }: Parts, refusal: HandOffRefusal): void {
  events.emit({ event: 'sign_in.hand_off_refused', reason: refusal.kind });
  showRefusal(ctx, { pages }, refusal, paths.account);
  ctx.set('Referrer-Policy', 'no-referrer');
}

export function showRefusal(
  ctx: Context,
  { pages }: Pick<Parts, 'pages'>,
  refusal: HandOffRefusal,
  retryHref: string,
): void {
  const page = { ...pages.frame('Not signed in'), ...presentRefusal(refusal), retryHref };
  pages.show(ctx, 'sign-in-refused', page, { status: 403 });
}
