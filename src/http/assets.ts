import type { Context } from 'koa';
import type { Endpoint } from './route-table.ts';
import type { Stylesheet } from './stylesheet.ts';

/** The one file that pages load, and the one that browsers ask for although no page names it. */
export function assetEndpoints(stylesheet: Stylesheet): Endpoint[] {
  return [
    {
      name: 'assets',
      path: `${stylesheet.folder}/:file`,
      methods: ['GET'],
      handler: (ctx) => serveStylesheet(ctx, stylesheet),
    },
    { name: 'assets', path: '/favicon.ico', methods: ['GET'], handler: serveNoIcon },
  ];
}

/**
 * During an update another node may have sent the page, with a stylesheet of its version (R120): the present one stands in
 * for it, and is not kept under that name.
 */
function serveStylesheet(ctx: Context, { path, body, etag, headers }: Stylesheet) {
  const isPresent = ctx.path === path;
  if (!isPresent && !/\/style-[0-9a-f]+\.css$/.test(ctx.path)) return ctx.throw(404);
  ctx.set({ ...headers, ...(!isPresent && { 'Cache-Control': 'no-cache' }) });
  if (ctx.get('If-None-Match') === etag) ctx.status = 304;
  else ctx.body = body;
}

function serveNoIcon(ctx: Context) {
  ctx.status = 204;
  ctx.set('Cache-Control', 'public, max-age=86400');
}
