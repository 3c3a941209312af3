import type { Context, Middleware } from 'koa';
import type { Stylesheet } from './stylesheet.ts';

/** The one file that pages load, and the one that browsers ask for although no page names it. */
export function serveAssets(stylesheet: Stylesheet): Middleware {
  return function assets(ctx, next) {
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') return next();
    if (ctx.path === stylesheet.path) return serveStylesheet(ctx as Context, stylesheet);
    if (ctx.path !== '/favicon.ico') return next();
    ctx.status = 204;
    ctx.set('Cache-Control', 'public, max-age=86400');
  };
}

function serveStylesheet(ctx: Context, { body, etag, headers }: Stylesheet) {
  ctx.set({ ...headers });
  if (ctx.get('If-None-Match') === etag) ctx.status = 304;
  else ctx.body = body;
}
