import { findAskedHeaders } from '@bkend/mcp-gateway/vocabulary';
import type { Context } from 'koa';

/** For endpoints that hold no cookie (R12): web clients discover, register and redeem from the browser. */
export const crossOriginHeaders = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'WWW-Authenticate',
};

const preflightHeaders = {
  ...crossOriginHeaders,
  'Access-Control-Allow-Methods': 'GET, POST, PUT, DELETE',
  'Access-Control-Max-Age': '3600',
};

/** What clients are known to send; whatever else is asked for comes on top. */
const usualHeaders = ['authorization', 'content-type', 'mcp-protocol-version', 'accept', 'dpop'];

/** True when the request was one, and is answered. */
export function answerPreflight(ctx: Context): boolean {
  if (ctx.method !== 'OPTIONS' || !ctx.get('Access-Control-Request-Method')) return false;
  ctx.set({
    ...preflightHeaders,
    'Access-Control-Allow-Headers': allowedHeaders(ctx.get('Access-Control-Request-Headers')).join(', '),
    // For caches between: this answer is for whoever asks for the same headers.
    Vary: 'Access-Control-Request-Headers',
  });
  ctx.status = 204;
  return true;
}

/**
 * The names that were asked for (R97): web clients let people add headers of their own. It opens nothing: an endpoint
 * without cookies answers a script what it answers everybody. Not `*`, which leaves out `Authorization` (Fetch §3.3.3).
 */
function allowedHeaders(asked: string): string[] {
  return [...new Set([...usualHeaders, ...findAskedHeaders(asked)])];
}
