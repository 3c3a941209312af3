import type { IncomingMessage } from 'node:http';
import { CORS_HEADERS } from './answer.ts';
import type { Decision } from './decision.ts';

/** The part of Koa's context that the kit uses; Koa itself is not imported. */
export interface KoaContext {
  readonly req: IncomingMessage;
  readonly state: object;
  status: number;
  body: unknown;
  set(headers: Record<string, string>): void;
}

export type KoaMiddleware = (ctx: KoaContext, next: () => Promise<unknown>) => Promise<void>;

/** Answers through the context, so that middleware further out (logs, metrics) sees status and body as usual. */
export function createKoaMiddleware(decide: (req: IncomingMessage) => Promise<Decision>): KoaMiddleware {
  return async function protect(ctx, next) {
    const { answer, identity } = await decide(ctx.req);
    if (answer === undefined) {
      ctx.set(CORS_HEADERS);
      Object.assign(ctx.req, { auth: identity });
      Object.assign(ctx.state, { auth: identity });
      await next();
      return;
    }
    ctx.set(answer.headers);
    ctx.status = answer.status;
    ctx.body = answer.body;
  };
}
