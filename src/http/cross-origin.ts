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

/** One more is no longer a list of headers that a script means to send. */
const maxAskedHeaders = 50;

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
  const names = asked.toLowerCase().split(',', maxAskedHeaders);
  // RFC 9110 §5.6.2: nothing but a token, so that what is repeated can be nothing but a name.
  const tokens = names.map((name) => name.trim()).filter((name) => /^[\w!#$%&'*+.^`|~-]{1,100}$/.test(name));
  return [...new Set([...usualHeaders, ...tokens])];
}
