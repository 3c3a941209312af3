import type { Context, Middleware } from 'koa';

/** More is asked than can be answered soon: said at once, so that what was begun before is finished (RFC 9110 §15.6.4). */
class Overloaded extends Error {
  override readonly name = 'Overloaded';
  readonly error = 'temporarily_unavailable';
  readonly error_description = 'too many requests at once, try again in a moment';
  readonly status = 503;
  readonly expose = true;
}

interface Options {
  /** So many are answered at once; 0 without limit. */
  readonly most: number;
  /** Called for the first that is refused, and at most every ten seconds. */
  readonly onRefused: (refused: number) => void;
}

const reportEveryMs = 10_000;
const retryAfterSeconds = 2;

/** The one queue in front of the store and of everything else: bounded, because whoever waits in a long one has gone. */
export function refuseOverload({ most, onRefused }: Options): Middleware {
  let running = 0;
  let refused = 0;
  let reportedAt = Number.NEGATIVE_INFINITY;

  function refuse(ctx: Context): never {
    refused += 1;
    if (performance.now() - reportedAt > reportEveryMs) {
      reportedAt = performance.now();
      onRefused(refused);
      refused = 0;
    }
    ctx.set('Retry-After', String(retryAfterSeconds));
    throw new Overloaded();
  }

  return async function admit(ctx, next) {
    if (most === 0) return next();
    if (running >= most) refuse(ctx as Context);
    running += 1;
    try {
      await next();
    } finally {
      running -= 1;
    }
  };
}
