import type { IncomingMessage } from 'node:http';
import type { Middleware } from 'koa';
import type Provider from 'oidc-provider';

/**
 * Public URLs come from the issuer, never from a request header. oidc-provider 9.13 builds endpoint URLs
 * from `ctx.href`, and Koa that from `Host`, `X-Forwarded-Host` or an absolute request target: whoever sends one could
 * choose the endpoints that a cache hands to the next client. Koa documents `app.request` as the place to extend.
 */
export function usePublicUrls(provider: Provider): void {
  const { protocol, host, origin } = new URL(provider.issuer);
  Object.defineProperties(provider.request, {
    protocol: { get: () => protocol.slice(0, -1) },
    host: { get: () => host },
    href: {
      get(this: { originalUrl: string }) {
        return new URL(pathOf(this.originalUrl), origin).href;
      },
    },
  });
  provider.use(restoreMountedPath);
}

/** Express and others cut the mount path off `url`; every path of ours is the public one, wherever we are mounted. */
const restoreMountedPath: Middleware = (ctx, next) => {
  const req = ctx.req as IncomingMessage & { originalUrl?: string; baseUrl?: string };
  ctx.url = pathOf(req.originalUrl ?? ctx.url);
  // Or oidc-provider 9.13 would put Express' mount path in front of endpoint URLs that have it already.
  if (req.baseUrl) req.baseUrl = '';
  return next();
};

/** Path and query of a request target, which may be absolute (RFC 9112 §3.2.2). */
function pathOf(target: string): string {
  if (target.startsWith('/')) return target;
  const url = URL.parse(target);
  return url ? url.pathname + url.search : '/';
}
