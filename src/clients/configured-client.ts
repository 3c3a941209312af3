/**
 * A client of the configuration that has a secret uses it (RFC 7591 §2: `client_secret_basic` where none is named).
 * Said here, because the default for everybody else is `none`.
 */
export function completeConfiguredClient<T extends object>(client: T): T {
  if (!('client_secret' in client) || 'token_endpoint_auth_method' in client) return client;
  return { ...client, token_endpoint_auth_method: 'client_secret_basic' };
}
