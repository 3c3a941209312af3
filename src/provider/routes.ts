import type { Middleware } from 'koa';
import { pathOfIssuer } from '../http/index.ts';

/**
 * A middleware for some routes, which costs requests for others nothing. It finds them as oidc-provider 9.13 does, in
 * letters of either case, with or without a slash at the end: what we do at a route must not be left out by spelling.
 */
export function at(routes: readonly string[], middleware: Middleware): Middleware {
  const pattern = new RegExp(`^(?:${routes.map(RegExp.escape).join('|')})/?$`, 'i');
  return (ctx, next) => (pattern.test(ctx.path) ? middleware(ctx, next) : next());
}

/** The last segment of a path right below this route, found in the same way; nothing for other paths. */
export function createNameBelow(route: string): (path: string) => string | undefined {
  const pattern = new RegExp(`^${RegExp.escape(route)}/([^/]+)/?$`, 'i');
  return (path) => pattern.exec(path)?.[1];
}

/** Ours beside the provider's routes: what gateways follow. */
export function revocationFeedPath(issuer: string): string {
  return `${pathOfIssuer(issuer)}/oauth/revocations`;
}

/** Ours, too: what proxies ask about a request, and what they publish about a resource. */
export function forwardAuthPaths(issuer: string) {
  const path = pathOfIssuer(issuer);
  return { verify: `${path}/oauth/verify`, protectedResource: `${path}/oauth/protected-resource` };
}

/** Complete public paths, so that they are right wherever the application is mounted. */
export function createRoutes(issuer: string) {
  const path = pathOfIssuer(issuer);
  return {
    authorization: `${path}/oauth/authorize`,
    token: `${path}/oauth/token`,
    registration: `${path}/oauth/register`,
    revocation: `${path}/oauth/revoke`,
    introspection: `${path}/oauth/introspect`,
    jwks: `${path}/oauth/jwks`,
    userinfo: `${path}/oauth/userinfo`,
    end_session: `${path}/oauth/sign-out`,
  };
}
