import { type ClientMetadata, supportedByDefault } from './normalise-client.ts';
import { findRedirectUriErrors } from './redirect-uri-list.ts';

/** Where in the metadata of a client something is wrong, and what, as the end of a sentence. */
export interface ClientMistake {
  readonly path: readonly (string | number)[];
  readonly sentence: string;
}

const methods = [...supportedByDefault.authMethods, 'private_key_jwt'];

/**
 * What an operator wrote of a client that could never work. Clients that describe themselves are put right instead
 * (R16, R22); an operator means what they write, and is told before a person finds out in a browser.
 */
export function findConfiguredClientMistakes(client: Readonly<ClientMetadata>): ClientMistake[] {
  return [...redirectUriMistakes(client), ...authenticationMistakes(client)];
}

/** What is no list, or no text, is told by whoever reads the file. */
function redirectUriMistakes({ redirect_uris: uris }: Readonly<ClientMetadata>): ClientMistake[] {
  if (!Array.isArray(uris) || !uris.every((uri) => typeof uri === 'string')) return [];
  return findRedirectUriErrors(uris.map((uri) => uri.trim())).map(({ index, sentence }) => ({
    path: ['redirect_uris', ...(index === undefined ? [] : [index])],
    sentence,
  }));
}

function authenticationMistakes(client: Readonly<ClientMetadata>): ClientMistake[] {
  const { token_endpoint_auth_method: method } = client;
  if (isUnsaid(method)) return [];
  if (!methods.includes(String(method))) {
    return [{ path: ['token_endpoint_auth_method'], sentence: `must be one of ${methods.join(', ')}` }];
  }
  const missing = findMissingProof(String(method), client);
  return missing ? [missing] : [];
}

/** What the method authenticates with, where that is not there. */
function findMissingProof(method: string, client: Readonly<ClientMetadata>): ClientMistake | undefined {
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
