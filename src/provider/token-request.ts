import Provider, { type AdapterPayload } from 'oidc-provider';
import type { Catalogue } from '../resources/index.ts';

/**
 * Blanks around and between scopes (R34): some clients pad them, and oidc-provider 9.13 refuses the character before it looks
 * at the token. It asks for the client before that, wherever the client is known from (see `answerConfiguredClients`).
 */
export function tidyScope(model: string): void {
  const params = Provider.ctx?.oidc.params;
  if (model !== 'Client' || Provider.ctx?.oidc.route !== 'token' || typeof params?.scope !== 'string') return;
  params.scope = params.scope.split(/\s+/).filter(Boolean).join(' ') || undefined;
}

/**
 * What a refresh means by its `scope` (R69): of the granted scopes those that it names, wildcards expanded. oidc-provider
 * 9.13 refuses a superset, which clients send that repeat their first request; ignoring the rest never widens
 * (RFC 6749 §6). Naming no permission that was granted is like naming nothing: a client whose first request named only
 * `openid` was given the defaults (R35), and repeating it would leave a token that opens nothing.
 */
export function narrowRefreshScope(model: string, granted: AdapterPayload, catalogue: Catalogue): void {
  const params = Provider.ctx?.oidc.params;
  if (model !== 'RefreshToken' || params?.grant_type !== 'refresh_token' || typeof params.scope !== 'string') return;
  const asked = params.scope.split(/\s+/);
  const resource = catalogue.find(String([granted.resource].flat()[0]));
  const meant = new Set([...asked, ...(resource?.expand(asked) ?? [])]);
  const narrowed = (granted.scope ?? '').split(' ').filter((scope) => meant.has(scope));
  const permissions = resource ? resource.expand(narrowed) : narrowed;
  params.scope = permissions.length > 0 ? narrowed.join(' ') : undefined;
}
