import type { Context } from 'koa';
import type { Endpoint } from './route-table.ts';
import type { Stylesheet } from './stylesheet.ts';

/** The one file that pages load, and the one that browsers ask for although no page names it. */
export function assetEndpoints(stylesheet: Stylesheet): Endpoint[] {
  return [
    { name: 'assets', path: stylesheet.path, methods: ['GET'], handler: (ctx) => serveStylesheet(ctx, stylesheet) },
    { name: 'assets', path: '/favicon.ico', methods: ['GET'], handler: serveNoIcon },
  ];
}

function serveStylesheet(ctx: Context, { body, etag, headers }: Stylesheet) {
  ctx.set({ ...headers });
  if (ctx.get('If-None-Match') === etag) ctx.status = 304;
  else ctx.body = body;
}

function serveNoIcon(ctx: Context) {
  ctx.status = 204;
  ctx.set('Cache-Control', 'public, max-age=86400');
}
