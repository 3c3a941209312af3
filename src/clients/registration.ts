import { createRandomBytes } from '../random-bytes.ts';

/** What a client means that does not say (R17, R18): a native app that wants to stay connected. */
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

const registered = 'dyn-';
const identifierBytes = createRandomBytes(20);

/** Unguessable, and without characters that HTTP Basic would have to encode (R23). */
export function createClientId(): string {
  return `${registered}${identifierBytes().toString('base64url')}`;
}

export function isRegisteredClientId(id: string): boolean {
  return id.startsWith(registered);
}

/** Nobody here chose it: it registered, or is described on the web. All others are the operator's, or the plugin's host's. */
export function describesItself(clientId: string): boolean {
  return isRegisteredClientId(clientId) || URL.parse(clientId)?.protocol === 'https:';
}

/** Members of RFC 7591 that oidc-provider does not know, kept because they tell installations of a tool apart. */
export const softwareMembers = ['software_id', 'software_version'];

/**
 * Kept with a client that named no way to authenticate (R94), and told nobody: its secret is there for whoever needs one;
 * without it PKCE and rotation bind it like every public client.
 */
export const optionalSecret = 'secret_is_optional';

/** Such a client, met by a request that comes without the secret. */
export function asPublicClient(metadata: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { client_secret, client_secret_expires_at, ...rest } = metadata;
  return { ...rest, token_endpoint_auth_method: 'none' };
}

/**
 * What became public only because its method cannot be had (R22) was given a secret by oidc-provider 9.13 before. A public
 * client that is told a secret tries to use it (R24).
 */
export function withdrawUnusedSecret(metadata: Record<string, unknown>): void {
  if (!['none', 'private_key_jwt'].includes(String(metadata.token_endpoint_auth_method))) return;
  delete metadata.client_secret;
  delete metadata.client_secret_expires_at;
}
