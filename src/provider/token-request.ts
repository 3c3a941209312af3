import Provider from 'oidc-provider';
import type { Resource } from '../resources/index.ts';

/**
 * Blanks around and between scopes (R34): some clients pad them, and oidc-provider 9.13 refuses the character before it looks
 * at the token. It asks for the client before that, wherever the client is known from (see `findEveryClient`).
 */
export function tidyScope(model: string): void {
  const params = Provider.ctx?.oidc.params;
  if (model !== 'Client' || Provider.ctx?.oidc.route !== 'token' || typeof params?.scope !== 'string') return;
  params.scope = params.scope.split(/\s+/).filter(Boolean).join(' ') || undefined;
}

/**
 * What a refresh means by its `scope` (R69): of the granted scopes those that it names, wildcards expanded. Clients that
 * repeat their first request name more; ignoring the rest never widens (RFC 6749 §6). Naming no permission that was granted
 * is like naming nothing: a client whose first request named only `openid` was given the defaults (R35), and repeating it
 * would leave a token that opens nothing.
 */
export function narrowScope(asked: string | undefined, granted: readonly string[], { expand }: Resource) {
  if (asked === undefined) return granted;
  const named = asked.split(/\s+/);
  const meant = new Set([...named, ...expand(named)]);
  const narrowed = granted.filter((scope) => meant.has(scope));
  return expand(narrowed).length > 0 ? narrowed : granted;
}
