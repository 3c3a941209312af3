import type { Context } from 'koa';

/** `/healthz`: the process runs. For probes, so without a page. */
export function serveAlive(ctx: Context): void {
  answer(ctx, 200, 'ok');
}

/** `/readyz`: it can serve, the store answers. */
export function createServeReady(ping: () => Promise<void>): (ctx: Context) => Promise<void> {
  return (ctx) =>
    ping().then(
      () => answer(ctx, 200, 'ready'),
      () => answer(ctx, 503, 'the store does not answer'),
    );
}

function answer(ctx: Context, status: number, text: string) {
  ctx.status = status;
  ctx.set('Cache-Control', 'no-store');
  ctx.body = { status: text };
}
