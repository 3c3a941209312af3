import type { Context } from 'koa';

/** The URL that the client asked for, as the proxy tells it; not normalised in any way. */
export interface OriginalUrl {
  readonly protocol: string;
  readonly host: string;
  readonly path: string;
  /** `?…`, or empty. */
  readonly search: string;
}

const withoutMessage = ['GET', 'HEAD', 'DELETE', 'OPTIONS'];

/**
 * Whether the request may carry a message of the protocol. Everything that tells the method must agree that it does not:
 * a proxy that sets one of the headers may hand on the other one from its client.
 */
export function mayCarryAMessage(ctx: Context): boolean {
  const methods = toldMethods(ctx);
  return methods.length === 0 || methods.some((method) => !withoutMessage.includes(method));
}

/** Whether it does for certain: only then is there a body with which the server compares the headers. */
export function carriesAMessage(ctx: Context): boolean {
  const methods = toldMethods(ctx);
  return methods.length > 0 && methods.every((method) => method === 'POST');
}

function toldMethods(ctx: Context): string[] {
  const told = ['X-Original-Method', 'X-Forwarded-Method'].map((name) => ctx.get(name)).filter(Boolean);
  // A GET may be the proxy's own, for whatever method it holds.
  return ctx.method === 'GET' ? told : [...told, ctx.method];
}

/** The query of the request that the proxy holds: `?…`, or empty. */
export function originalQueries(ctx: Context): string[] {
  return originalUris(ctx).flatMap((uri) => (uri.includes('?') ? uri.slice(uri.indexOf('?')) : []));
}

/** `tail`: what the proxy appended to our path instead of telling it in a header. Nothing when the headers disagree. */
export function originalUrl(ctx: Context, tail: string): OriginalUrl | undefined {
  const urls = originalUrls(ctx, tail);
  const [url] = urls;
  return url?.path && urls.every(({ path }) => path === url.path) ? url : undefined;
}

/** Everything that tells it. */
export function originalUrls(ctx: Context, tail: string): OriginalUrl[] {
  const uris = tail === '' ? originalUris(ctx) : [`${tail}${ctx.search}`];
  const origin = { protocol: ctx.get('X-Forwarded-Proto'), host: ctx.get('X-Forwarded-Host') || ctx.get('Host') };
  return uris.map((uri) => {
    const [path = ''] = uri.split('?', 1);
    return { ...origin, path, search: uri.slice(path.length) };
  });
}

function originalUris(ctx: Context): string[] {
  return ['X-Original-URI', 'X-Forwarded-Uri'].map((name) => ctx.get(name)).filter(Boolean);
}
