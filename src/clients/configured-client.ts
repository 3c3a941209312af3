import { type ClientMetadata, completeClient } from './normalise-client.ts';

/**
 * A client of the configuration, once, at the start. One that has a secret uses it (RFC 7591 §2: `client_secret_basic`
 * where none is named); said here, because the default for everybody else is `none`.
 */
export function completeConfiguredClient<T extends ClientMetadata>(client: Readonly<T>): T {
  const completed: T = { ...client };
  const { redirect_uris: uris } = completed;
  completeClient(completed);
  // A gateway that only asks the introspection endpoint sends nobody anywhere.
  if (Array.isArray(uris) && uris.length === 0) Object.assign(completed, { response_types: [] });
  const { client_secret: secret, token_endpoint_auth_method: method } = completed;
  if (secret && !method) Object.assign(completed, { token_endpoint_auth_method: 'client_secret_basic' });
  return completed;
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
