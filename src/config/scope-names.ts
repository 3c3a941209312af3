// OpenID Connect Core §5.4 and §11: these mean something else already, to oidc-provider and to clients.
const reserved: readonly string[] = ['openid', 'offline_access', 'profile', 'email', 'address', 'phone'];

/** What is wrong with the name of a scope that a resource offers. */
export function findScopeNameIssue(name: string): string | undefined {
  if (reserved.includes(name)) return `is reserved: ${name} belongs to OpenID Connect`;
  // RFC 6749 §3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
  if (!/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(name)) return 'must hold only the characters of a scope (RFC 6749 §3.3)';
  if (name.includes('*')) return 'must not hold a wildcard: list every scope by itself';
  if (!/^[^:]+(:[^:]+)+$/.test(name))
    return 'must be a subject and an action with a colon between them, e.g. project:read';
  return undefined;
}

/** Whether a pattern, i.e. a scope, `subject:*`, `*:action` or `*:*`, covers a scope. The last colon parts the two. */
export function coversScope(pattern: string, scope: string): boolean {
  const wanted = parts(pattern);
  const given = parts(scope);
  const coversSubject = wanted.subject === '*' || wanted.subject === given.subject;
  return coversSubject && (wanted.action === '*' || wanted.action === given.action);
}

function parts(name: string): { subject: string; action: string } {
  const colon = name.lastIndexOf(':');
  return { subject: name.slice(0, Math.max(0, colon)), action: name.slice(colon + 1) };
}
