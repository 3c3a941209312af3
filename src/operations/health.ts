import type { Middleware } from 'koa';

/** `/healthz`: the process runs. `/readyz`: it can serve, the store answers. For probes, so without a page. */
export function serveHealth(ping: () => Promise<void>): Middleware {
  return function health(ctx, next) {
    if (ctx.path === '/healthz') return answer(ctx, 200, 'ok');
    if (ctx.path !== '/readyz') return next();
    return ping().then(
      () => answer(ctx, 200, 'ready'),
      () => answer(ctx, 503, 'the store does not answer'),
    );
  };
}

function answer(ctx: Parameters<Middleware>[0], status: number, text: string) {
  ctx.status = status;
  ctx.set('Cache-Control', 'no-store');
  ctx.body = { status: text };
}
