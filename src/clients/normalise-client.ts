import { normaliseByMember, normaliseUris } from './client-members.ts';
import { cleanName, deriveName } from './client-name.ts';
import { findRedirectUriError, isHttpsOnLoopback, isNativeRedirectUri } from './redirect-uri.ts';

export type ClientMetadata = Record<string, unknown>;

export interface Change {
  readonly member: string;
  readonly kind: 'added' | 'changed' | 'dropped';
}

/** What this server can do; everything else a client may wish for is left out. */
interface Supported {
  readonly authMethods: readonly string[];
  /** For `private_key_jwt`. */
  readonly authSigningAlgorithms: readonly string[];
  /** Members of metadata that hold the keys for it, or lead to them, the preferred one first. */
  readonly keyMembers: readonly ('jwks' | 'jwks_uri')[];
  /** Of a client that says nothing. */
  readonly unnamedAuthMethod: string;
}

export const supportedByDefault: Supported = {
  authMethods: ['none', 'client_secret_post', 'client_secret_basic'],
  authSigningAlgorithms: ['RS256', 'PS256', 'ES256', 'Ed25519', 'EdDSA'],
  keyMembers: ['jwks_uri', 'jwks'],
  unnamedAuthMethod: 'none',
};

/**
 * What a registration may say. A client that names no method gets a secret that it need not use (R94), because some need one.
 * Of keys those that came with it are taken: they need not be fetched.
 */
export const supportedByRegistration: Supported = {
  ...supportedByDefault,
  authMethods: [...supportedByDefault.authMethods, 'private_key_jwt'],
  keyMembers: ['jwks', 'jwks_uri'],
  unnamedAuthMethod: 'client_secret_post',
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
export function normaliseClient(metadata: ClientMetadata, supported: Supported): void {
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
  for (const member of Object.keys(metadata)) {
    const value = normaliserOf(member)(metadata[member]);
    if (isEmpty(value)) delete metadata[member];
    else metadata[member] = value;
  }

  const redirectUris = stringsOf(metadata.redirect_uris);
  const type = redirectUris.some(isNativeRedirectUri) ? 'native' : 'web';
  if (redirectUris.length > 0) metadata.application_type = type;
  replace(metadata, 'client_name', cleanName(metadata.client_name) ?? deriveName(redirectUris));
  const goodbyes = stringsOf(metadata.post_logout_redirect_uris).filter((uri) => isUsableBy(type, uri));
  replace(metadata, 'post_logout_redirect_uris', goodbyes.length > 0 ? goodbyes : undefined);
}

const asItIs = (value: unknown) => value;

function normaliserOf(member: string): (value: unknown) => unknown {
  if (member === 'redirect_uris' || member === 'post_logout_redirect_uris') return normaliseUris;
  return Object.hasOwn(normaliseByMember, member) ? (normaliseByMember[member] ?? asItIs) : asItIs;
}

/** R22, R94: what is unknown or cannot be had is `none`; who says nothing may still come with a secret. */
function normaliseAuthentication(metadata: ClientMetadata, supported: Supported) {
  const { authMethods, keyMembers, unnamedAuthMethod } = supported;
  const method = namedAuthMethod(metadata) ?? unnamedAuthMethod;
  const hasKeys = keyMembers.some((member) => metadata[member] !== undefined);
  const isPossible = authMethods.includes(method) && (method !== 'private_key_jwt' || hasKeys);
  metadata.token_endpoint_auth_method = isPossible ? method : 'none';
  normaliseKeys(metadata, supported);
}

/** Nothing where the client said nothing (R16: an empty text says nothing). */
export function namedAuthMethod({ token_endpoint_auth_method: method }: ClientMetadata): string | undefined {
  if (method === undefined || method === null) return undefined;
  // What is no text names something, though nothing that we have.
  const named = typeof method === 'string' ? method.trim() : 'unknown';
  return named === '' ? undefined : named;
}

/** Keys are there to sign with; kept for nothing they would only be one more thing to fetch and to get wrong. */
function normaliseKeys(metadata: ClientMetadata, { authSigningAlgorithms, keyMembers }: Supported) {
  const isSigning = metadata.token_endpoint_auth_method === 'private_key_jwt';
  const isKnown = authSigningAlgorithms.includes(nameOf(metadata.token_endpoint_auth_signing_alg));
  if (!isSigning || !isKnown) delete metadata.token_endpoint_auth_signing_alg;
  // RFC 7591 §2: "The jwks_uri and jwks parameters MUST NOT both be present."
  const kept = isSigning ? keyMembers.find((member) => metadata[member] !== undefined) : undefined;
  for (const member of ['jwks', 'jwks_uri']) if (member !== kept) delete metadata[member];
}

/** What differs between what was sent and what was kept, by name only: values may be secrets. */
export function describeChanges(sent: ClientMetadata, kept: ClientMetadata): Change[] {
  const members = new Set([...Object.keys(sent), ...Object.keys(kept)]);
  return [...members]
    .filter((member) => sent[member] !== kept[member] && JSON.stringify(sent[member]) !== JSON.stringify(kept[member]))
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
