import type { ClientMetadata } from './normalise-client.ts';

/**
 * A client of the configuration that has a secret uses it (RFC 7591 §2: `client_secret_basic` where none is named).
 * Said here, because the default for everybody else is `none`.
 */
export function completeConfiguredClient<T extends { client_secret?: unknown; token_endpoint_auth_method?: unknown }>(
  client: T,
): T {
  if (!client.client_secret || client.token_endpoint_auth_method) return client;
  return { ...client, token_endpoint_auth_method: 'client_secret_basic' };
}

/**
 * Without its `scope`, as every client (R16): kept, it would be the most that the client could ever ask for. Roles and
 * people decide that; the operator is told that this one limits nothing.
 */
export function withoutScope(
  client: Readonly<ClientMetadata>,
  onIgnored: (clientId: string) => void,
): Readonly<ClientMetadata> {
  const { scope, ...kept } = client;
  if (typeof scope === 'string' && scope.trim() !== '') onIgnored(String(client.client_id));
  return kept;
}
