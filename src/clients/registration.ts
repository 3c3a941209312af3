import { randomBytes } from 'node:crypto';

/** What a client means that does not say (R17, R18, R22): a public native app that wants to stay connected. */
export function clientDefaults(algorithm: string) {
  return {
    // Loopback redirects match on any port only for native clients (RFC 8252 §7.3).
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    id_token_signed_response_alg: algorithm,
  };
}

/** Unguessable, and without characters that HTTP Basic would have to encode (R23). */
export function createClientId(): string {
  return `dyn-${randomBytes(20).toString('base64url')}`;
}

/** Nobody here chose it: it registered, or is described on the web. All others are the operator's, or the plugin's host's. */
export function describesItself(clientId: string): boolean {
  return clientId.startsWith('dyn-') || URL.parse(clientId)?.protocol === 'https:';
}

/** Members of RFC 7591 that oidc-provider does not know, kept because they tell installations of a tool apart. */
export const softwareMembers = ['software_id', 'software_version'];

/**
 * A client that names no method is public (see `clientDefaults`), but oidc-provider 9.13 makes a secret before it looks
 * at the defaults. A public client that is told a secret tries to use it (R24).
 */
export function withdrawUnusedSecret(metadata: Record<string, unknown>): void {
  if (metadata.token_endpoint_auth_method !== 'none') return;
  delete metadata.client_secret;
  delete metadata.client_secret_expires_at;
}
