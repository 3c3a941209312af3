import type { Context } from 'koa';
import { maxRegistrationBytes } from './registration.ts';

/** Before a byte of it is read: oidc-provider 9.13 reads up to 56 KB (R27). */
export function refuseLargeRegistration(ctx: Context): void {
  if ((ctx.request.length ?? 0) <= maxRegistrationBytes) return;
  ctx.throw(413, {
    error: 'invalid_client_metadata',
    error_description: `client metadata must be at most ${maxRegistrationBytes} bytes`,
    expose: true,
  });
}

/**
 * The registration endpoint answers in the words of RFC 7591 §3.2.2, whose two errors are all that registering clients
 * know (R25). oidc-provider 9.13 says `invalid_request` of a body it cannot read.
 */
export function explainRegistrationError(ctx: Context): void {
  const { error, error_description: description } = (ctx.body ?? {}) as Record<string, unknown>;
  if (ctx.status !== 400 || error !== 'invalid_request') return;
  ctx.body = { error: 'invalid_client_metadata', error_description: description };
}
