import { DocumentFault, finalFault, passingFault } from './document-fault.ts';
import type { Bounds } from './document-freshness.ts';
import { checkLimits, checkRedirectUris } from './document-limits.ts';
import type { Answer } from './document-request.ts';
import { normaliseClient, supportedByDefault } from './normalise-client.ts';

export type Content = Readonly<Record<string, unknown>>;

/** What is fetched for clients: their metadata, and the keys they sign with. */
export interface Kind {
  readonly name: 'metadata' | 'keys';
  /** Seconds between two looks at the same document. */
  readonly fresh: Bounds;
  /** Seconds after the last success during which it stands in for one that cannot be fetched. */
  readonly staleSeconds: number;
  /** Throws when it is not what it should be; returns what of it counts. */
  readonly read: (content: Content, url: string) => Content;
}

export const metadata: Kind = {
  name: 'metadata',
  fresh: { min: 300, max: 86_400 },
  // As long as a refresh token: whoever is connected survives any outage of the tool's host.
  staleSeconds: 2_592_000,
  read: readMetadata,
};

export const keySet: Kind = {
  name: 'keys',
  // A key that was withdrawn is refused this soon, a new one known this soon, whatever the host says.
  fresh: { min: 60, max: 900 },
  staleSeconds: 86_400,
  read: readKeySet,
};

/** The content of a successful answer; throws `DocumentFault` for every other one. */
export function readContent(answer: Answer, url: string, kind: Kind): Content {
  checkStatus(answer);
  // Whatever is no JSON is no word of the maker: a page of a proxy, of a sign-in, of maintenance.
  if (!/^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(answer.headers['content-type'] ?? '')) {
    throw passingFault('the content type is not JSON');
  }
  return checkLimits(kind.read(parseObject(answer.body), url));
}

function checkStatus({ status, headers }: Answer) {
  // A challenge of a bot protection says nothing about the document, whatever its status (R76).
  if (headers['cf-mitigated'] !== undefined) throw passingFault(`challenged, status ${status}`);
  if (status === 200) return;
  if (status === 404 || status === 410) throw new DocumentFault(`status ${status}`, { kind: 'gone' });
  // Redirects are not followed: whoever can place an open redirect on a host would own clients in its name.
  throw passingFault(`status ${status}`);
}

function parseObject(text: string): Content {
  const value = parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw passingFault('not a JSON object');
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
  if (typeof content.client_id !== 'string') throw passingFault('not client metadata');
  // draft-ietf-oauth-client-id-metadata-document-02 §4: otherwise one host could speak for the clients of another.
  if (content.client_id !== url) throw finalFault('its client_id is not its URL');
  const methods = findMethods(content);
  // Of several methods the strongest; which one a request uses is decided when it comes.
  const client = { ...content, token_endpoint_auth_method: methods.at(-1) };
  normaliseClient(client, supported);
  checkRedirectUris(client);
  return { ...client, [methodsMember]: methods };
}

const methodsMember = 'token_endpoint_auth_methods_supported';
const supported = { ...supportedByDefault, authMethods: ['none', 'private_key_jwt'] };

/** The methods that a document names and that we have, the strongest last. */
function findMethods(content: Content): string[] {
  const named = methodsOf(content);
  // The same section: a secret that everybody can read authenticates nobody.
  if (named.some((name) => name.startsWith('client_secret')) || 'client_secret' in content) {
    throw finalFault('it relies on a shared secret');
  }
  const signs = content.jwks_uri !== undefined || content.jwks !== undefined;
  const methods = supported.authMethods.filter((name) => named.includes(name) && (name === 'none' || signs));
  // Taken for a public client, it would be weaker than its maker decided.
  if (named.length > 0 && methods.length === 0) throw finalFault('it names no way to authenticate that we have');
  return methods.length > 0 ? methods : ['none'];
}

export function methodsOf(content: Content): string[] {
  const named = [content.token_endpoint_auth_method, content[methodsMember]].flat();
  return named.filter((name): name is string => typeof name === 'string' && name !== '');
}

/** Without the certificates that some publish beside their keys: larger than these, and nothing asks for them. */
function readKeySet({ keys }: Content): Content {
  if (!Array.isArray(keys)) throw passingFault('not a key set');
  return { keys: keys.map((key) => omit(key, ['x5c', 'x5t', 'x5t#S256', 'x5u'])) };
}

function omit(key: object, members: readonly string[]) {
  return Object.fromEntries(Object.entries(key ?? {}).filter(([name]) => !members.includes(name)));
}
