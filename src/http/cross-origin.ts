import type { Context } from 'koa';

/** For endpoints that hold no cookie (R12): web clients discover, register and redeem from the browser. */
export const crossOriginHeaders = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'WWW-Authenticate',
};

const preflightHeaders = {
  ...crossOriginHeaders,
  'Access-Control-Allow-Methods': 'GET, POST, PUT, DELETE',
  'Access-Control-Allow-Headers': 'authorization, content-type, mcp-protocol-version, accept, dpop',
  'Access-Control-Max-Age': '3600',
};

/** True when the request was one, and is answered. */
export function answerPreflight(ctx: Context): boolean {
  if (ctx.method !== 'OPTIONS' || !ctx.get('Access-Control-Request-Method')) return false;
  ctx.set(preflightHeaders);
  ctx.status = 204;
  return true;
}
