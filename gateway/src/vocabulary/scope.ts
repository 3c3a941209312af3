/**
 * Whether a pattern covers a scope. A scope is a subject and an action, separated by its last colon: `table:data:read` is
 * `read` on `table:data`. A pattern is a scope in which `*` stands for any subject or any action.
 *
 * A scope without a colon has no place in that hierarchy, and neither has a lone `*`: each covers, and is covered by,
 * nothing but itself. Otherwise whoever holds `*:*` of a resource would hold `openid`, `offline_access`, and every word
 * that a later standard gives a meaning.
 */
export function coversScope(pattern: string, scope: string): boolean {
  if (pattern === scope) return true;
  if (!pattern.includes('*')) return false; // most are no patterns
  const [subject, action] = splitScope(pattern) ?? [];
  const [scopeSubject, scopeAction] = splitScope(scope) ?? [];
  if (subject === undefined || scopeSubject === undefined) return false;
  return (subject === '*' || subject === scopeSubject) && (action === '*' || action === scopeAction);
}

/** `undefined` for a scope without a colon. */
export function splitScope(scope: string): readonly [subject: string, action: string] | undefined {
  const colon = scope.lastIndexOf(':');
  return colon < 0 ? undefined : [scope.slice(0, colon), scope.slice(colon + 1)];
}

/** RFC 6749 §3.3: the characters of one scope; neither blank, quote nor backslash, so it is safe in a header. */
export function isScope(text: string): boolean {
  return /^[\x21\x23-\x5B\x5D-\x7E]+$/.test(text);
}
