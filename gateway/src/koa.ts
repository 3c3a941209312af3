import type { IncomingMessage, ServerResponse } from 'node:http';
import { CORS_HEADERS } from './answer.ts';
import type { Decision } from './decision.ts';
import { letPass } from './let-pass.ts';

/** The part of Koa's context that the kit uses; Koa itself is not imported. */
export interface KoaContext {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** Where Koa's body parsers leave what they have read. */
  readonly request: object;
  readonly state: object;
  status: number;
  body: unknown;
  set(headers: Record<string, string>): void;
}

export type KoaMiddleware = (ctx: KoaContext, next: () => Promise<unknown>) => Promise<void>;

/** Answers through the context, so that middleware further out (logs, metrics) sees status and body as usual. */
export function createKoaMiddleware(
  decide: (req: IncomingMessage, parsed: unknown) => Promise<Decision>,
): KoaMiddleware {
  return async function protect(ctx, next) {
    const { body } = ctx.request as { body?: unknown };
    const decision = await decide(ctx.req, body);
    const { answer } = decision;
    if (answer === undefined) {
      ctx.set(CORS_HEADERS);
      Object.assign(ctx.state, letPass(decision, ctx.req, ctx.res));
      await next();
      return;
    }
    ctx.set(answer.headers);
    ctx.status = answer.status;
    ctx.body = answer.body;
  };
}
