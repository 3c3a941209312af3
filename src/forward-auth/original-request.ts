import type { Context } from 'koa';

/** The URL that the client asked for, as the proxy tells it; not normalised in any way. */
export interface OriginalUrl {
  readonly protocol: string;
  readonly host: string;
  readonly path: string;
  /** `?…`, or empty. */
  readonly search: string;
}

/** What somebody says of the request that a proxy holds. Anybody may; only a proxy that the operator named is believed. */
export interface OriginalRequest {
  /**
   * Whether it may carry a message of the protocol. Everything that tells the method must agree that it does not: a proxy
   * that sets one of the headers may hand on the other one from its client.
   */
  mayCarryAMessage(ctx: Context): boolean;
  /** Whether it does for certain: only then is there a body with which the server compares the headers. */
  carriesAMessage(ctx: Context): boolean;
  /** `tail`: what the proxy appended to our path instead of telling it in a header. Nothing when what is told disagrees. */
  url(ctx: Context, tail: string): OriginalUrl | undefined;
}

const withoutMessage = ['GET', 'HEAD', 'DELETE', 'OPTIONS'];
const methodHeaders = ['X-Original-Method', 'X-Forwarded-Method'];

/** `isTrustedPeer`: whoever else tells something may make us stricter by it, never laxer, and chooses no word of ours. */
export function createOriginalRequest(isTrustedPeer: (ctx: Context) => boolean): OriginalRequest {
  /** A GET may be the proxy's own, for whatever method it holds: it counts for nothing, as the word of a stranger does. */
  function toldMethods(ctx: Context): string[] {
    if (ctx.method === 'GET' && !isTrustedPeer(ctx)) return [];
    const told = methodHeaders.map((name) => ctx.get(name)).filter(Boolean);
    return ctx.method === 'GET' ? told : [...told, ctx.method];
  }

  return {
    mayCarryAMessage(ctx) {
      const methods = toldMethods(ctx);
      return methods.length === 0 || methods.some((method) => !withoutMessage.includes(method));
    },
    carriesAMessage(ctx) {
      const methods = toldMethods(ctx);
      return methods.length > 0 && methods.every((method) => method === 'POST');
    },
    url: (ctx, tail) => (isTrustedPeer(ctx) ? toldUrl(ctx, tail) : undefined),
  };
}

/** The queries of the request that the proxy holds, in whichever header, whoever tells them: `?…`, or empty. */
export function originalQueries(ctx: Context): string[] {
  const uris = [...originalUris(ctx), ctx.get('X-Original-URL')];
  return uris.flatMap((uri) => (uri.includes('?') ? uri.slice(uri.indexOf('?')) : []));
}

function toldUrl(ctx: Context, tail: string): OriginalUrl | undefined {
  const urls = originalUrls(ctx, tail);
  const [url] = urls;
  if (!url?.path || url.isWhole) return undefined;
  const isSame = ({ host, path }: OriginalUrl) => path === url.path && host.toLowerCase() === url.host.toLowerCase();
  return urls.every(isSame) ? url : undefined;
}

interface ToldUrl extends OriginalUrl {
  /** `X-Original-URL` (ingress-nginx) tells nothing by itself: where it differs from the others one is the client's. */
  readonly isWhole: boolean;
}

/** Everything that tells it, whoever does. */
export function originalUrls(ctx: Context, tail: string): ToldUrl[] {
  const uris = tail === '' ? originalUris(ctx) : [`${tail}${ctx.search}`];
  const origin = { protocol: ctx.get('X-Forwarded-Proto'), host: ctx.get('X-Forwarded-Host') || ctx.get('Host') };
  const told = uris.map((uri) => ({ ...origin, ...partUri(uri), isWhole: false }));
  const whole = ctx.get('X-Original-URL');
  return whole === '' ? told : [...told, { ...partUrl(whole), isWhole: true }];
}

function partUrl(url: string): OriginalUrl {
  const [, protocol = '', host = '', rest = ''] = /^(https?):\/\/([^/?#]*)(.*)$/i.exec(url) ?? [];
  return { protocol, host, ...partUri(rest) };
}

function partUri(uri: string) {
  const [path = ''] = uri.split('?', 1);
  return { path, search: uri.slice(path.length) };
}

function originalUris(ctx: Context): string[] {
  return ['X-Original-URI', 'X-Forwarded-Uri'].map((name) => ctx.get(name)).filter(Boolean);
}
