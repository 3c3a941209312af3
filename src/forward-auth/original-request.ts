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
  /** `tail`: what the proxy appended to our path instead of telling it in a header. Nothing when what is told disagrees. */
  url(ctx: Context, tail: string): OriginalUrl | undefined;
}

const withoutMessage = ['GET', 'HEAD', 'DELETE', 'OPTIONS'];
const methodHeaders = ['X-Original-Method', 'X-Forwarded-Method'];

/** `isTrustedPeer`: whoever else tells something may make us stricter by it, never laxer, and chooses no word of ours. */
export function createOriginalRequest(isTrustedPeer: (ctx: Context) => boolean): OriginalRequest {
  return {
    mayCarryAMessage(ctx) {
      const told = methodHeaders.map((name) => ctx.get(name)).filter(Boolean);
      // A GET may be the proxy's own, for whatever method it holds: it counts for nothing, as the word of a stranger does.
      if (ctx.method === 'GET' && (told.length === 0 || !isTrustedPeer(ctx))) return true;
      const methods = ctx.method === 'GET' ? told : [...told, ctx.method];
      return methods.some((method) => !withoutMessage.includes(method));
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
  const uris = tail === '' ? originalUris(ctx) : [`${tail}${ctx.search}`];
  const paths = new Set(uris.map((uri) => uri.split('?', 1)[0] as string));
  const [path] = paths;
  if (paths.size !== 1 || !path) return undefined;
  const search = String(uris[0]).slice(path.length);
  const host = ctx.get('X-Forwarded-Host') || ctx.get('Host');
  const told = { protocol: ctx.get('X-Forwarded-Proto'), host, path, search };
  return contradicts(ctx.get('X-Original-URL'), told) ? undefined : told;
}

/** A whole URL (ingress-nginx) tells nothing that the others do not: where they differ one of them is the client's. */
function contradicts(whole: string, { host, path }: OriginalUrl): boolean {
  if (whole === '') return false;
  const [, wholeHost, wholePath] = /^https?:\/\/([^/?#]*)([^?#]*)/i.exec(whole) ?? [];
  return wholePath !== path || wholeHost?.toLowerCase() !== host.toLowerCase();
}

function originalUris(ctx: Context): string[] {
  return ['X-Original-URI', 'X-Forwarded-Uri'].map((name) => ctx.get(name)).filter(Boolean);
}
