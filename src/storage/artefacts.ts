import type { AdapterPayload } from 'oidc-provider';
import type { Secrecy } from './secrecy.ts';

/** Deleted together with the grant they stem from. */
export const boundToGrant = new Set([
  'AccessToken',
  'AuthorizationCode',
  'RefreshToken',
  'DeviceCode',
  'BackchannelAuthenticationRequest',
  'PreAuthorizedCode',
]);

/**
 * What of an artefact is written and how it comes back. A payload never holds the value that a client presents:
 * the identifier is dropped (the key is its hash) and put back from the request that presented it.
 */
export function conceal(model: string, payload: AdapterPayload, secrecy: Secrecy): string {
  const { jti: _identifier, ...kept } = payload;
  if (model === 'Client' && kept.client_secret) kept.client_secret = secrecy.stripSplitSecret(kept.client_secret);
  // A Grant lives as long as its newest refresh token (decision 7): the store's lifetime, extended at each rotation,
  // is the only truth; an `exp` inside would be a wall that oidc-provider never moves.
  if (model === 'Grant') delete kept.exp;
  // oidc-provider 9.13 copies the session's cookie value into each interaction; nothing reads it.
  if (model === 'Interaction' && kept.session) {
    const { cookie: _presented, ...session } = kept.session as unknown as Record<string, unknown>;
    return JSON.stringify({ ...kept, session });
  }
  return JSON.stringify(kept);
}

export function reveal(model: string, value: string, id: string | undefined, secrecy: Secrecy): AdapterPayload {
  const payload: AdapterPayload = JSON.parse(value);
  if (model !== 'Client') return id === undefined ? payload : Object.assign(payload, { jti: id });
  // Configured and public clients have none; a registered secret is stored as its first half.
  if (payload.client_secret) payload.client_secret = secrecy.restoreSplitSecret(payload.client_secret);
  return payload;
}
