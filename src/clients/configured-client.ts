import { type ClientMetadata, completeClient, supportedByDefault } from './normalise-client.ts';
import { findRedirectUriErrors } from './redirect-uri.ts';

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
 * Without its logo, which is for our pages, and without its `scope`, as every client (R16): kept, it would be the most that
 * the client could ever ask for. Roles and people decide that; the operator is told that this one limits nothing.
 */
export function protocolMembers(
  client: Readonly<ClientMetadata>,
  onIgnored: (clientId: string) => void,
): Readonly<ClientMetadata> {
  const { scope, logo: _ours, ...kept } = client;
  if (typeof scope === 'string' && scope.trim() !== '') onIgnored(String(client.client_id));
  return kept;
}

/** Where in the metadata of a client something is wrong, and what, as the end of a sentence. */
interface ClientIssue {
  readonly path: readonly (string | number)[];
  readonly sentence: string;
}

const methods = [...supportedByDefault.authMethods, 'private_key_jwt'];

/**
 * What an operator wrote of a client that could never work. Clients that describe themselves are put right instead
 * (R16, R22); an operator means what they write, and is told before a person finds out in a browser.
 */
export function findConfiguredClientIssues(client: Readonly<ClientMetadata>): ClientIssue[] {
  return [...redirectUriIssues(client), ...authenticationIssues(client)];
}

/** What is no list, or no text, is told by whoever reads the file. */
function redirectUriIssues({ redirect_uris: uris }: Readonly<ClientMetadata>): ClientIssue[] {
  if (!Array.isArray(uris) || !uris.every((uri) => typeof uri === 'string')) return [];
  return findRedirectUriErrors(uris.map((uri) => uri.trim())).map(({ index, sentence }) => ({
    path: ['redirect_uris', ...(index === undefined ? [] : [index])],
    sentence,
  }));
}

function authenticationIssues(client: Readonly<ClientMetadata>): ClientIssue[] {
  const { token_endpoint_auth_method: method } = client;
  if (isUnsaid(method)) return [];
  if (!methods.includes(String(method))) {
    return [{ path: ['token_endpoint_auth_method'], sentence: `must be one of ${methods.join(', ')}` }];
  }
  const missing = findMissingProof(String(method), client);
  return missing ? [missing] : [];
}

/** What the method authenticates with, where that is not there. */
function findMissingProof(method: string, client: Readonly<ClientMetadata>): ClientIssue | undefined {
  if (method === 'none') return undefined;
  if (method === 'private_key_jwt') {
    const needs = { path: ['token_endpoint_auth_method'], sentence: 'is private_key_jwt: it needs jwks_uri or jwks' };
    return isUnsaid(client.jwks_uri) && isUnsaid(client.jwks) ? needs : undefined;
  }
  const needs = { path: ['client_secret'], sentence: `is missing: ${method} authenticates with it` };
  return isUnsaid(client.client_secret) ? needs : undefined;
}

/** `null` and an empty text say nothing (R16). */
function isUnsaid(value: unknown) {
  return value === undefined || value === null || value === '';
}
