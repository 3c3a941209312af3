import type { Context, Next } from 'koa';

const maxFormBytes = 16 * 1024;

/** The fields of a form; a field that comes twice counts as the last. */
export async function readForm(ctx: Context): Promise<Partial<Record<string, string>>> {
  let text = '';
  for await (const chunk of ctx.req.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    text += chunk;
    if (text.length <= maxFormBytes) continue;
    // What is left of it would stand in the way of the next request on this connection.
    ctx.throw(413, { headers: { Connection: 'close' } });
  }
  return Object.fromEntries(new URLSearchParams(text));
}

/** No form of another site is taken: browsers say where a form stood. */
export function checkOrigin(origin: string) {
  return function checkOriginOfForm(ctx: Context, next: Next) {
    if (ctx.method === 'POST' && ctx.get('Origin') !== origin) ctx.throw(403, 'a form of another site');
    return next();
  };
}
