import type { Context, Middleware, Next } from 'koa';
import { maxRegistrationBytes } from './registration.ts';
import { at, createNameBelow } from './routes.ts';

/**
 * The registration endpoint answers in the words of RFC 7591 §3.2.2, whose two errors are all that registering clients
 * know (R25). oidc-provider 9.13 says `invalid_request` of a body it cannot read, and reads up to 56 KB (R27).
 */
export function explainRegistrationErrors(path: string): Middleware {
  const nameBelow = createNameBelow(path);
  const create = at([path], (ctx, next) => (ctx.method === 'POST' ? registrationErrors(ctx as Context, next) : next()));
  const isUpdating = ({ method, path: asked }: Context) => method === 'PUT' && nameBelow(asked) !== undefined;

  return (ctx, next) => (isUpdating(ctx) ? registrationErrors(ctx as Context, next) : create(ctx, next));

  async function registrationErrors(ctx: Context, next: Next) {
    if ((ctx.request.length ?? 0) > maxRegistrationBytes) return refuseLarge(ctx);
    await next();
    const { error, error_description: description } = (ctx.body ?? {}) as Record<string, unknown>;
    if (ctx.status === 400 && error === 'invalid_request') ctx.body = invalid(description);
  }
}

/** Before a byte of it is read. */
function refuseLarge(ctx: Context) {
  ctx.status = 413;
  ctx.set('Cache-Control', 'no-store');
  ctx.body = invalid(`client metadata must be at most ${maxRegistrationBytes} bytes`);
}

function invalid(description: unknown) {
  return { error: 'invalid_client_metadata', error_description: description };
}
