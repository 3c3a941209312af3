import type { Resource } from './catalogue.ts';

/** Scopes about the person and the session, not about a resource (OpenID Connect Core §5.4, §11). */
export const identityScopes: readonly string[] = ['openid', 'profile', 'email', 'offline_access'];

/**
 * The scopes a request means (R34, R35), wildcards expanded: catalogue order, then identity scopes.
 * - unknown ones among known ones: dropped;
 * - none, only identity scopes, only unknown ones (`mcp`, R101): the resource's defaults (RFC 6749 §3.3). The person sees
 *   on the consent page what they are, and the answer names what was granted.
 */
export function resolveRequestedScopes(requested: string | undefined, resource: Resource): string[] {
  const asked = [...new Set((requested ?? '').split(/\s+/).filter(Boolean))];
  const identity = asked.filter((scope) => identityScopes.includes(scope));
  const concrete = resource.expand(asked);
  return [...(concrete.length > 0 ? concrete : resource.defaultScopes), ...identity];
}
