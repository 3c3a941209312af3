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
  const told = ['X-Original-Method', 'X-Forwarded-Method'].map((name) => ctx.get(name)).filter(Boolean);
  // A GET may be the proxy's own, for whatever method it holds.
  const methods = ctx.method === 'GET' ? told : [...told, ctx.method];
  return methods.length === 0 || methods.some((method) => !withoutMessage.includes(method));
}

/** The query of the request that the proxy holds: `?…`, or empty. */
export function originalQueries(ctx: Context): string[] {
  return originalUris(ctx).flatMap((uri) => (uri.includes('?') ? uri.slice(uri.indexOf('?')) : []));
}

/** `tail`: what the proxy appended to our path instead of telling it in a header. Nothing when the headers disagree. */
export function originalUrl(ctx: Context, tail: string): OriginalUrl | undefined {
  const uris = tail === '' ? originalUris(ctx) : [`${tail}${ctx.search}`];
  const paths = new Set(uris.map((uri) => uri.split('?', 1)[0] as string));
  const [path] = paths;
  if (paths.size !== 1 || !path) return undefined;
  const search = String(uris[0]).slice(path.length);
  return { protocol: ctx.get('X-Forwarded-Proto'), host: ctx.get('X-Forwarded-Host') || ctx.get('Host'), path, search };
}

function originalUris(ctx: Context): string[] {
  return ['X-Original-URI', 'X-Forwarded-Uri'].map((name) => ctx.get(name)).filter(Boolean);
}
