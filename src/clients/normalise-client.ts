import { normaliseByMember, normaliseUris } from './client-members.ts';
import { cleanName, deriveName } from './client-name.ts';
import { findRedirectUriError, isHttpsOnLoopback, isNativeRedirectUri } from './redirect-uri.ts';

export type ClientMetadata = Record<string, unknown>;

export interface Change {
  readonly member: string;
  readonly kind: 'added' | 'changed' | 'dropped';
}

/** What this server can do; everything else a client may wish for is left out. */
export interface Supported {
  readonly authMethods: readonly string[];
  /** For `private_key_jwt`. */
  readonly authSigningAlgorithms: readonly string[];
}

export const supportedByDefault: Supported = {
  authMethods: ['none', 'client_secret_post', 'client_secret_basic'],
  authSigningAlgorithms: ['RS256', 'PS256', 'ES256', 'Ed25519', 'EdDSA'],
};

/** Members of self-described clients that are kept; no `scope`, which would be the most they could ever ask for (R16). */
const keptMembers = new Set([
  ...['client_id', 'client_id_issued_at', 'client_secret', 'client_secret_expires_at', 'redirect_uris'],
  ...['client_name', 'application_type', 'grant_types', 'response_types', 'post_logout_redirect_uris'],
  ...['token_endpoint_auth_method', 'token_endpoint_auth_signing_alg'],
  ...Object.keys(normaliseByMember),
]);

/**
 * What a client that describes itself means (R15-R18, R22, R26): a registration, or a metadata document. Changes
 * `metadata` in place. What comes out stays as it is when it goes in again.
 */
export function normaliseClient(metadata: ClientMetadata, supported: Supported = supportedByDefault): void {
  for (const member of Object.keys(metadata)) if (!keptMembers.has(member)) delete metadata[member];
  // R17: of all grant and response types these are the ones we have, and whoever has the first needs the second (Zed).
  metadata.grant_types = ['authorization_code', 'refresh_token'];
  metadata.response_types = ['code'];
  completeClient(metadata);
  normaliseAuthentication(metadata, supported);
}

/**
 * The part that holds for configured clients as well. Their other members, grant types and way of authentication are
 * not touched: an operator means what they write, and is told what cannot be had.
 */
export function completeClient(metadata: ClientMetadata): void {
  for (const [member, normalise] of Object.entries(normaliseByMember)) metadata[member] = normalise(metadata[member]);
  for (const member of ['redirect_uris', 'post_logout_redirect_uris'])
    metadata[member] = normaliseUris(metadata[member]);
  for (const [member, value] of Object.entries(metadata)) if (isEmpty(value)) delete metadata[member];

  const redirectUris = stringsOf(metadata.redirect_uris);
  const type = redirectUris.some(isNativeRedirectUri) ? 'native' : 'web';
  if (redirectUris.length > 0) metadata.application_type = type;
  replace(metadata, 'client_name', cleanName(metadata.client_name) ?? deriveName(redirectUris));
  const goodbyes = stringsOf(metadata.post_logout_redirect_uris).filter((uri) => isUsableBy(type, uri));
  replace(metadata, 'post_logout_redirect_uris', goodbyes.length > 0 ? goodbyes : undefined);
}

/** R22: what is unknown, unsupported or not said is `none`. */
function normaliseAuthentication(metadata: ClientMetadata, { authMethods, authSigningAlgorithms }: Supported) {
  const method = nameOf(metadata.token_endpoint_auth_method);
  const hasKeys = metadata.jwks !== undefined || metadata.jwks_uri !== undefined;
  const isPossible = authMethods.includes(method) && (method !== 'private_key_jwt' || hasKeys);
  metadata.token_endpoint_auth_method = isPossible ? method : 'none';
  normaliseKeys(metadata, authSigningAlgorithms);
}

/** Keys are there to sign with; kept for nothing they would only be one more thing to fetch and to get wrong. */
function normaliseKeys(metadata: ClientMetadata, algorithms: readonly string[]) {
  const isSigning = metadata.token_endpoint_auth_method === 'private_key_jwt';
  const isKnown = algorithms.includes(nameOf(metadata.token_endpoint_auth_signing_alg));
  if (!isSigning || !isKnown) delete metadata.token_endpoint_auth_signing_alg;
  // RFC 7591 §2: "The jwks_uri and jwks parameters MUST NOT both be present." The one at a URL can be rotated.
  if (!isSigning || metadata.jwks_uri !== undefined) delete metadata.jwks;
  if (!isSigning) delete metadata.jwks_uri;
}

/** What differs between what was sent and what was kept, by name only: values may be secrets. */
export function describeChanges(sent: ClientMetadata, kept: ClientMetadata): Change[] {
  const members = new Set([...Object.keys(sent), ...Object.keys(kept)]);
  return [...members]
    .filter((member) => JSON.stringify(sent[member]) !== JSON.stringify(kept[member]))
    .map((member) => ({ member, kind: kindOf(sent[member], kept[member]) }));
}

function kindOf(sent: unknown, kept: unknown): Change['kind'] {
  if (kept === undefined) return 'dropped';
  return sent === undefined ? 'added' : 'changed';
}

function isUsableBy(type: 'native' | 'web', uri: string) {
  if (findRedirectUriError(uri)) return false;
  return type === 'native' ? !isHttpsOnLoopback(uri) : /^https?:/i.test(uri);
}

function isEmpty(value: unknown) {
  if (Array.isArray(value)) return value.length === 0;
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}

/** Never `String()` of what a stranger sent: `{"toString": 1}` has none, and throws. */
function nameOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

function stringsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function replace(metadata: ClientMetadata, member: string, value: unknown) {
  if (value === undefined) delete metadata[member];
  else metadata[member] = value;
}
