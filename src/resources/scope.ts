/**
 * A scope names a subject and an action, separated by its last colon: `table:data:read` is `read` on `table:data`.
 * A pattern is a scope or one of the wildcards `*:*`, `project:*` and `*:read`.
 */
export function patternCovers(pattern: string, scope: string): boolean {
  if (pattern === scope) return true;
  const [subject, action] = split(pattern);
  const [scopeSubject, scopeAction] = split(scope);
  return (subject === '*' || subject === scopeSubject) && (action === '*' || action === scopeAction);
}

/** What follows the last colon. */
export function actionOf(scope: string): string {
  return split(scope)[1];
}

function split(scope: string): [subject: string, action: string] {
  const colon = scope.lastIndexOf(':');
  return [scope.slice(0, Math.max(colon, 0)), scope.slice(colon + 1)];
}
