import { isScope } from '@bkend/mcp-gateway/vocabulary';

// OpenID Connect Core §5.4 and §11: these mean something else already, to oidc-provider and to clients.
const reserved: readonly string[] = ['openid', 'offline_access', 'profile', 'email', 'address', 'phone'];

/** What is wrong with the name of a scope that a resource offers. */
export function findScopeNameIssue(name: string): string | undefined {
  if (reserved.includes(name)) return `is reserved: ${name} belongs to OpenID Connect`;
  if (!isScope(name)) return 'must hold only the characters of a scope (RFC 6749 §3.3)';
  if (name.includes('*')) return 'must not hold a wildcard: list every scope by itself';
  if (!/^[^:]+(:[^:]+)+$/.test(name))
    return 'must be a subject and an action with a colon between them, e.g. project:read';
  return undefined;
}
