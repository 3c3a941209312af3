import type { Resource } from './catalogue.ts';

/** Scopes about the person and the session, not about a resource (OpenID Connect Core §5.4, §11). */
export const identityScopes: readonly string[] = ['openid', 'profile', 'email', 'offline_access'];

/**
 * The scopes a request means (R34, R35), wildcards expanded: catalogue order, then identity scopes.
 * - none, empty, or only identity scopes: the resource's defaults are added (RFC 6749 §3.3);
 * - unknown ones among known ones: dropped;
 * - nothing known at all: returned as asked, for the provider to refuse with `invalid_scope`.
 */
export function resolveRequestedScopes(requested: string | undefined, resource: Resource): string[] {
  const asked = [...new Set((requested ?? '').split(/\s+/).filter(Boolean))];
  const identity = asked.filter((scope) => identityScopes.includes(scope));
  const concrete = resource.expand(asked);
  if (concrete.length > 0) return [...concrete, ...identity];
  return asked.length === 0 || identity.length > 0 ? [...resource.defaultScopes, ...identity] : asked;
}
