import type { Context } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { describeDestination } from '../clients/index.ts';
import { originOf, type SessionRecord } from '../sessions/index.ts';
import type { DeparturePage, Requester, SignedOutPage, SignOutElsewhere } from './pages.ts';
import type { FlowParts } from './parts.ts';
import { presentRequester } from './present.ts';

type Parts = Pick<FlowParts, 'pages' | 'identifyClient'>;
type SignOutParts = Parts & Pick<FlowParts, 'waysIn'>;

/**
 * Anybody may register a client, and with it a place to which this server then sends people: a link to us, who are
 * trusted, would lead to a stranger (RFC 9700 §4.11). So a browser that nobody is signed in with, and that was shown no
 * page, is not sent to such a place but shown its name. Clients that are known here are the operator's, and on loopback waits
 * the program that just opened the browser: both are answered as RFC 6749 §4.1.2.1 has it.
 *
 * To be called when the provider has answered at the authorization endpoint.
 */
export function createGuardDepartures(parts: Parts): (ctx: Context) => void {
  return (ctx) => {
    refuseForeignPage(ctx);
    const href = departureOf(ctx);
    const { oidc } = ctx as unknown as KoaContextWithOIDC;
    if (href === undefined || oidc?.session?.accountId || isKnown(ctx, href, parts)) return;
    showDeparture(ctx, parts, { href, signedOut: false, goesOn: false });
  };
}

/**
 * The same where people sign out (OpenID Connect RP-Initiated Logout §3). For somebody who is not signed in oidc-provider
 * 9.13 has a page that posts itself by script; and the answer to the form of ours must not lead away from here.
 */
export function createGuardSignOut(parts: SignOutParts) {
  return {
    asked(ctx: Context): void {
      const { oidc } = ctx as unknown as KoaContextWithOIDC;
      if (ctx.status !== 200 || !isForeignPage(ctx)) return;
      const { post_logout_redirect_uri: uri, state } = oidc.params ?? {};
      if (typeof uri !== 'string') parts.pages.show(ctx, 'signed-out', parts.pages.frame(ctx, 'sign-out.done.title'));
      else
        showDeparture(ctx, parts, { href: withState(uri, state), signedOut: true, goesOn: isKnown(ctx, uri, parts) });
    },
    async confirmed(ctx: Context): Promise<void> {
      refuseForeignPage(ctx);
      const href = departureOf(ctx);
      const { oidc } = ctx as unknown as KoaContextWithOIDC;
      if (href === undefined) return;
      const elsewhere = await findSignOutElsewhere(ctx, parts);
      if (!href.startsWith(oidc.urlFor('end_session_success')))
        return showDeparture(ctx, parts, { href, signedOut: true, goesOn: isKnown(ctx, href, parts), ...elsewhere });
      if (!elsewhere) return;
      ctx.remove('Location');
      const page: SignedOutPage = {
        ...parts.pages.frame(ctx, 'sign-out.done.title'),
        ...elsewhere,
        goesOnTo: elsewhere.elsewhere.href,
      };
      parts.pages.show(ctx, 'signed-out', page);
    },
  };
}

/** Of a session that has just ended, and began at a place where somebody is signed in still. */
async function findSignOutElsewhere(ctx: Context, { waysIn }: SignOutParts) {
  const { session } = (ctx as unknown as KoaContextWithOIDC).oidc;
  const href = session && (await waysIn.signOutUrl(originOf(session as unknown as SessionRecord)));
  return href ? { elsewhere: { href, host: new URL(href).host } } : undefined;
}

/** Where this answer sends the browser, when that is not a page of ours. */
function departureOf(ctx: Context): string | undefined {
  const location = ctx.response.get('Location');
  return !location || location.startsWith('/') ? undefined : location;
}

function isKnown(ctx: Context, href: string, parts: Parts): boolean {
  return findRequester(ctx, href, parts)?.assurance === 'known' || describeDestination(href).kind === 'loopback';
}

/** The client that the request named, where it is one. */
function findRequester(ctx: Context, href: string, parts: Parts): Requester | undefined {
  const { client } = (ctx as unknown as KoaContextWithOIDC).oidc;
  return client && presentRequester(client, href, parts);
}

/** The values are the client's, and go where it wants them. */
function withState(uri: string, state: unknown): string {
  const url = new URL(uri);
  if (typeof state === 'string') url.searchParams.set('state', state);
  return url.href;
}

interface Departure {
  readonly href: string;
  readonly signedOut: boolean;
  readonly goesOn: boolean;
  readonly elsewhere?: SignOutElsewhere;
}

function showDeparture(ctx: Context, parts: Parts, { href, signedOut, goesOn, elsewhere }: Departure) {
  ctx.remove('Location');
  const { pages } = parts;
  const { kind, place } = describeDestination(href);
  const requester = findRequester(ctx, href, parts);
  const page: DeparturePage = {
    ...pages.frame(ctx, signedOut ? 'sign-out.done.title' : 'departure.title'),
    signedOut,
    href,
    place,
    destination: kind,
    ...(requester && { requester }),
    ...(elsewhere && { elsewhere }),
    ...(goesOn && { goesOnTo: href }),
  };
  pages.show(ctx, 'departure', page, { status: signedOut ? 200 : 400 });
}

/** `response_mode=form_post`, and whatever else oidc-provider writes by itself: it works by script, and is not ours. */
function isForeignPage(ctx: Context): boolean {
  const { response } = ctx;
  const isPage = response.is('html') === 'html' && !response.get('Location');
  return isPage && !response.get('Content-Security-Policy');
}

export function refuseForeignPage(ctx: Context): void {
  const { oidc } = ctx as unknown as KoaContextWithOIDC;
  const asked = oidc?.params?.response_mode;
  if (!isForeignPage(ctx) && !(asked === 'form_post' && oidc.entities.Interaction)) return;
  ctx.remove('Location');
  ctx.throw(400, 'only query and fragment are supported', { error: 'unsupported_response_mode' });
}
