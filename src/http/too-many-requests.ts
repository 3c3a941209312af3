import type { Context } from 'koa';

/**
 * RFC 6585 §4. Shaped like an error of oidc-provider. Its code is the one of RFC 6749 that says "later": a client that does
 * not know the code of an error takes it for the end of its tokens (MCP TypeScript SDK 1.x).
 */
class TooManyRequests extends Error {
  override readonly name = 'TooManyRequests';
  readonly error = 'temporarily_unavailable';
  readonly error_description: string;
  readonly status = 429;
  readonly statusCode = 429;
  readonly expose = true;

  constructor(detail: string, seconds: number) {
    super('temporarily_unavailable');
    this.error_description = `${detail}, try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}`;
  }
}

/** To be thrown; says when to come again. */
export function tooMany(ctx: Pick<Context, 'set'>, secondsLeft: number, detail: string): Error {
  const seconds = Math.max(1, Math.ceil(secondsLeft));
  ctx.set('Retry-After', String(seconds));
  return new TooManyRequests(detail, seconds);
}
