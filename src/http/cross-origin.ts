import type { Middleware } from 'koa';

/**
 * Lets scripts of any origin use the endpoints that hold no cookie (R12): web clients discover, register and redeem
 * from the browser. Pages are never among them.
 */
export function allowAnyOrigin(paths: (path: string) => boolean): Middleware {
  return function crossOrigin(ctx, next) {
    if (!paths(ctx.path)) return next();
    if (ctx.method === 'OPTIONS' && ctx.get('Access-Control-Request-Method')) {
      ctx.set(preflightHeaders);
      ctx.status = 204;
      return undefined;
    }
    ctx.set(answerHeaders);
    return next();
  };
}

const answerHeaders = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': 'WWW-Authenticate' };
const preflightHeaders = {
  ...answerHeaders,
  'Access-Control-Allow-Methods': 'GET, POST, PUT, DELETE',
  'Access-Control-Allow-Headers': 'authorization, content-type, mcp-protocol-version, accept, dpop',
  'Access-Control-Max-Age': '3600',
};
