import { pathOfIssuer } from '../http/index.ts';

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

/**
 * Where tools look that do not read the metadata, or not of an issuer with a path (R95; MCP 2025-03-26 had these as its
 * fallback). Nothing for an issuer without one, whose origin is its own.
 */
export function guessedRoutes(issuer: string) {
  if (pathOfIssuer(issuer) === '') return undefined;
  return { authorization: '/authorize', token: '/token', registration: '/register' };
}
