import type { Middleware } from 'koa';

/** `/healthz`: the process runs. `/readyz`: it can serve, the store answers. For probes, so without a page. */
export function serveHealth(ping: () => Promise<void>): Middleware {
  return async function health(ctx, next) {
    if (ctx.path === '/healthz') {
      answer(ctx, 200, 'ok');
    } else if (ctx.path === '/readyz') {
      await ping().then(
        () => answer(ctx, 200, 'ready'),
        () => answer(ctx, 503, 'the store does not answer'),
      );
    } else {
      await next();
    }
  };
}

function answer(ctx: Parameters<Middleware>[0], status: number, text: string) {
  ctx.status = status;
  ctx.set('Cache-Control', 'no-store');
  ctx.body = { status: text };
}
