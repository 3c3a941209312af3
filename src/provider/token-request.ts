import { errors } from 'oidc-provider';
import type { Resource } from '../resources/index.ts';
import type { GrantContext } from './issuance.ts';

/**
 * The `scope` of a token request, by itself: some clients pad it with blanks (R34), and oidc-provider 9.13 refuses such a
 * request before it looks at the token. So it is no parameter of our grants to it, and read here.
 */
export function readScope({ oidc }: GrantContext): string[] | undefined {
  const { scope } = (oidc as unknown as { body?: Record<string, unknown> }).body ?? {};
  // RFC 6749 §3.2: request parameters must not be included more than once.
  if (Array.isArray(scope)) throw new errors.InvalidRequest("'scope' parameter must not be provided twice");
  if (typeof scope !== 'string') return undefined;
  if (!/^[\x20-\x7e\s]*$/.test(scope) || /["\\]/.test(scope)) {
    throw new errors.InvalidScope('scope contains invalid characters', scope);
  }
  const named = scope.split(/\s+/).filter(Boolean);
  return named.length > 0 ? named : undefined;
}

/**
 * What a refresh means by its `scope` (R69): of the granted scopes those that it names, wildcards expanded. Clients that
 * repeat their first request name more; ignoring the rest never widens (RFC 6749 §6). Naming no permission that was granted
 * is like naming nothing: a client whose first request named only `openid` was given the defaults (R35), and repeating it
 * would leave a token that opens nothing.
 */
export function narrowScope(named: readonly string[] | undefined, granted: readonly string[], { expand }: Resource) {
  if (named === undefined) return granted;
  const meant = new Set([...named, ...expand(named)]);
  const narrowed = granted.filter((scope) => meant.has(scope));
  return expand(narrowed).length > 0 ? narrowed : granted;
}
