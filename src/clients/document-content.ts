import { cleanName } from './client-name.ts';
import { DocumentError, finalError, transientError } from './document-errors.ts';
import { type Freshness, keysFreshness, metadataFreshness } from './document-policy.ts';
import type { Answer } from './document-request.ts';
import { isTooDeep } from './json-depth.ts';
import { normaliseClient, supportedByDefault } from './normalise-client.ts';
import { findRedirectUriErrors } from './redirect-uri.ts';

export type Content = Readonly<Record<string, unknown>>;

/** What is fetched for clients: their metadata, and the keys they sign with. */
export interface Kind {
  readonly name: 'metadata' | 'keys';
  readonly freshness: Freshness;
  /** Throws when it is not what it should be; returns what of it counts. */
  readonly read: (content: Content, url: string) => Content;
}

export const metadata: Kind = { name: 'metadata', freshness: metadataFreshness, read: readMetadata };
export const keySet: Kind = { name: 'keys', freshness: keysFreshness, read: readKeySet };

/** As large as a registration may be (R27); real documents have less than 4 KB. */
const maxContentBytes = 16 * 1024;

/** The content of a successful answer; throws `DocumentError` for every other one. */
export function readContent(answer: Answer, url: string, kind: Kind): Content {
  checkStatus(answer);
  // Whatever is no JSON is no word of the maker: a page of a proxy, of a sign-in, of maintenance.
  if (!/^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(answer.headers['content-type'] ?? '')) {
    throw transientError('the content type is not JSON');
  }
  const content = kind.read(parseObject(answer.body), url);
  // Before it is kept, because nobody had to sign in for this.
  if (Buffer.byteLength(JSON.stringify(content)) > maxContentBytes)
    throw finalError('larger than a registration may be');
  return content;
}

export function checkStatus({ status, headers }: Pick<Answer, 'status' | 'headers'>) {
  // A challenge of a bot protection says nothing about the document, whatever its status (R76).
  if (headers['cf-mitigated'] !== undefined) throw transientError(`challenged, status ${status}`);
  if (status === 200) return;
  if (status === 404 || status === 410) throw new DocumentError(`status ${status}`, { kind: 'gone' });
  // Redirects are not followed: whoever can place an open redirect on a host would own clients in its name.
  throw transientError(`status ${status}`);
}

function parseObject(text: string): Content {
  const value = parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw transientError('not a JSON object');
  if (isTooDeep(value)) throw finalError('nested deeper than metadata is');
  return value as Content;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A pinned document is read like a fetched one. */
export function readMetadata(content: Content, url: string): Content {
  if (typeof content.client_id !== 'string') throw transientError('not client metadata');
  // draft-ietf-oauth-client-id-metadata-document-02 §4: otherwise one host could speak for the clients of another.
  if (content.client_id !== url) throw finalError('its client_id is not its URL');
  // The same section: what people read beside the host, and where they are sent, is said by the maker and never guessed.
  if (cleanName(content.client_name) === undefined) throw finalError('no client name');
  const methods = findMethods(content);
  // Of several methods the strongest; which one a request uses is decided when it comes.
  const client = { ...content, token_endpoint_auth_method: methods.at(-1) };
  normaliseClient(client, supported);
  checkRedirectUris(client);
  return { ...client, [methodsMember]: methods };
}

/** All or nothing, like a registration (R19). */
function checkRedirectUris({ redirect_uris: uris }: Content): void {
  if (!Array.isArray(uris) || uris.length === 0) throw finalError('no redirect URIs');
  const [error] = findRedirectUriErrors(uris);
  if (error) throw finalError(`redirect_uris ${error.sentence}`);
}

const methodsMember = 'token_endpoint_auth_methods_supported';
const supported = { ...supportedByDefault, authMethods: ['none', 'private_key_jwt'] };

/** The methods that a document names and that we have, the strongest last. */
function findMethods(content: Content): string[] {
  const named = methodsOf(content);
  // The same section: a secret that everybody can read authenticates nobody.
  if (named.some((name) => name.startsWith('client_secret')) || 'client_secret' in content) {
    throw finalError('it relies on a shared secret');
  }
  const signs = content.jwks_uri !== undefined || content.jwks !== undefined;
  const methods = supported.authMethods.filter((name) => named.includes(name) && (name === 'none' || signs));
  // Taken for a public client, it would be weaker than its maker decided.
  if (named.length > 0 && methods.length === 0) throw finalError('it names no way to authenticate that we have');
  return methods.length > 0 ? methods : ['none'];
}

function methodsOf(content: Content): string[] {
  const named = [content.token_endpoint_auth_method, content[methodsMember]].flat();
  return named.filter((name): name is string => typeof name === 'string' && name !== '');
}

/**
 * The client that one request meets. A document may name several methods (ChatGPT: `private_key_jwt` and `none`). Whoever
 * signs is held to the signature; whoever does not is the public client that the document says it may be, bound by PKCE
 * and rotation like all others.
 */
export function presentClient({ [methodsMember]: methods, ...client }: Content, signs: boolean): Content {
  if (signs || !(methods as readonly string[]).includes('none')) return client;
  const { jwks, jwks_uri, token_endpoint_auth_signing_alg, ...described } = client;
  return { ...described, token_endpoint_auth_method: 'none' };
}

/** Without the certificates that some publish beside their keys: larger than these, and nothing asks for them. */
function readKeySet({ keys }: Content): Content {
  if (!Array.isArray(keys)) throw transientError('not a key set');
  return { keys: keys.map((key) => omit(key, ['x5c', 'x5t', 'x5t#S256', 'x5u'])) };
}

function omit(key: object, members: readonly string[]) {
  return Object.fromEntries(Object.entries(key ?? {}).filter(([name]) => !members.includes(name)));
}
