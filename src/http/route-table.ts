import type { IncomingMessage } from 'node:http';
import type { Context, Middleware, Next } from 'koa';
import type { AnswerOnce, Once } from './answer-once.ts';
import { restoreBody } from './body.ts';
import { answerPreflight, crossOriginHeaders } from './cross-origin.ts';

/** What this server does at one path: answers by itself, or does something around the provider's answer. */
export interface Endpoint {
  /** In metrics. */
  readonly name: string;
  /** Complete and public; `:name` stands for one segment, `/*` at the end for whatever follows, or nothing. */
  readonly path: string;
  /** Those that it knows; the others are refused. HEAD goes with GET. */
  readonly methods: readonly string[];
  /** Scripts of any origin may call it (R12): it holds no cookie, and neither is a page nor sends the browser to one. */
  readonly cors?: boolean;
  /** What is asked again before the browser has taken the answer gets the same one. */
  readonly once?: Once;
  /** Answers; without it oidc-provider does. */
  readonly handler?: (ctx: Context, next: Next) => unknown;
  /** Before oidc-provider reads the request. */
  readonly before?: (ctx: Context) => unknown;
  /** When oidc-provider has answered. */
  readonly after?: (ctx: Context) => unknown;
  /** Long-lived stream; exempt from the overload limit. */
  readonly isFollowed?: boolean;
}

interface Route {
  /** In lower case: what every path of it begins with. */
  readonly start: string;
  readonly pattern: RegExp;
  readonly endpoints: readonly Endpoint[];
}

export interface RouteTable {
  readonly serve: Middleware;
  /** Whether something answers at this path, with whatever method. */
  has(path: string): boolean;
}

export const serveEndpoints = (endpoints: readonly Endpoint[]): Middleware => createRouteTable(endpoints).serve;

/**
 * One look-up a request. Paths are found as oidc-provider 9.13 finds its own, in letters of either case, with or without a
 * slash at the end: what we do at a route must not be left out by spelling. `admit` stands around all that are not followed.
 */
export function createRouteTable(
  endpoints: readonly Endpoint[],
  admit: Middleware = admitAll,
  answerOnce?: AnswerOnce,
): RouteTable {
  const byPath = Map.groupBy(endpoints, ({ path }) => keyOf(path));
  const isPattern = (path: string) => /\/:|\/\*$/.test(path);
  const fixed = new Map([...byPath].filter(([path]) => !isPattern(path)));
  const patterns = [...byPath].filter(([path]) => isPattern(path)).map(([, group]) => toRoute(group));

  return {
    serve(ctx, next) {
      const { path } = ctx;
      const key = keyOf(path);
      const found = fixed.get(key) ?? findByPattern(ctx as Context, { path, key }, patterns);
      if (!found) return next();
      const answer = () => serve(ctx as Context, next, found, answerOnce);
      return found[0]?.isFollowed ? answer() : admit(ctx, answer as Next);
    },
    has: (path) => fixed.has(keyOf(path)) || patterns.some(({ pattern }) => pattern.test(path)),
  };
}

const admitAll: Middleware = (_ctx, next) => next();

/** Lets oidc-provider answer as if it had been asked at this path; nothing that is public changes with it. */
export function useTarget(ctx: Context, target: string): void {
  const req = ctx.req as IncomingMessage & { originalUrl?: string };
  req.url = target;
  // Below Express, oidc-provider 9.13 derives a mount path from the difference between these two.
  if (req.originalUrl) req.originalUrl = target;
}

function findByPattern(
  ctx: Context,
  { path, key }: { readonly path: string; readonly key: string },
  routes: readonly Route[],
): readonly Endpoint[] | undefined {
  for (const { start, pattern, endpoints } of routes) {
    const match = key.startsWith(start) && pattern.exec(path);
    if (!match) continue;
    ctx.params = Object.fromEntries(Object.entries(match.groups ?? {}).map(([name, text]) => [name, decode(text)]));
    return endpoints;
  }
  return undefined;
}

function serve(ctx: Context, next: Next, endpoints: readonly Endpoint[], answerOnce?: AnswerOnce): unknown {
  const [first] = endpoints as [Endpoint, ...Endpoint[]];
  ctx.state.endpoint = first.name;
  if (first.cors && answerPreflight(ctx)) return undefined;
  const method = ctx.method === 'HEAD' ? 'GET' : ctx.method;
  const endpoint = endpoints.find(({ methods }) => methods.includes(method));
  if (first.cors) ctx.set(crossOriginHeaders);
  else ctx.set('Cross-Origin-Opener-Policy', 'unsafe-none');
  if (!endpoint) return refuse(ctx, endpoints);
  if (method !== 'GET') restoreBody(ctx);
  const answer = () => around(ctx, next, endpoint);
  return endpoint.once && answerOnce ? answerOnce(ctx, endpoint.once, answer) : answer();
}

async function around(ctx: Context, next: Next, { handler, before, after }: Endpoint): Promise<void> {
  if (handler) return void (await handler(ctx, next));
  await before?.(ctx);
  await next();
  await after?.(ctx);
}

/** RFC 9110 §15.5.6. */
function refuse(ctx: Context, endpoints: readonly Endpoint[]): void {
  const allowed = [...new Set(endpoints.flatMap(({ methods }) => methods))];
  ctx.set({ Allow: allowed.join(', '), 'Cache-Control': 'no-store' });
  // Its body is made where all errors get theirs.
  ctx.status = 405;
}

function toRoute(endpoints: readonly Endpoint[]): Route {
  const [{ path }] = endpoints as [Endpoint, ...Endpoint[]];
  const below = path.endsWith('/*');
  const segments = path.slice(0, below ? -2 : undefined).split('/');
  const source = segments.map((part) => (part.startsWith(':') ? `(?<${part.slice(1)}>[^/]+)` : RegExp.escape(part)));
  const [start = ''] = path.split(/\/[:*]/, 1);
  const pattern = new RegExp(`^${source.join('/')}${below ? '(?:/.*)?' : '/?'}$`, 'i');
  return { start: start.toLowerCase(), pattern, endpoints };
}

function keyOf(path: string): string {
  const key = path.toLowerCase();
  return key.length > 1 && key.endsWith('/') ? key.slice(0, -1) : key;
}

/** What no decoder understands is taken as it is, and finds nothing. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
