import type { HostLists } from '@bkend/mcp-gateway/vocabulary';
import { errors } from 'oidc-provider';
import { type CacheParts, createDocumentCache } from './document-cache.ts';
import { type Content, keySet, metadata, presentClient, readMetadata } from './document-content.ts';
import { ClientDocumentUnavailable, DocumentError, finalError } from './document-errors.ts';
import { checkDocumentUrl, checkSpelling } from './document-hosts.ts';

interface ClientDocumentsPolicy extends HostLists {
  readonly enabled: boolean;
  /** Hosts whose clients are known here, each by its whole name. */
  readonly trusted: readonly string[];
  /** Documents that are used in place of those that cannot be had. */
  readonly pinned: readonly Content[];
}

interface Parts extends CacheParts {
  readonly policy: ClientDocumentsPolicy;
}

/** The request for which a client is asked for. */
export interface ClientRequest {
  /** Whether it presents a client assertion. */
  readonly signs: boolean;
  /** The endpoint, by the name that oidc-provider has for it; absent where a page or a program asks. */
  readonly route?: string | undefined;
  /** Tells the client when to come back, should the document not be there. */
  readonly retryAfter?: (seconds: number) => void;
}

/** Clients that are described by a document at the URL that is their id. */
export interface ClientDocuments {
  /** Whether a client of this id is described by a document, if there is such a client at all. */
  isDocumentUrl(clientId: string): boolean;
  /** What a request is to know of the client; throws errors of oidc-provider for a client that cannot be had. */
  find(clientId: string, request: ClientRequest): Promise<Content>;
  /** The same of a client that registered, whose keys may be at a URL. */
  withKeys(client: Content, request: ClientRequest): Promise<Content>;
  /** Why nothing would be fetched for a client from this URL; nothing when it would. */
  findUrlError(url: string): string | undefined;
}

export function createClientDocuments({ policy, ...parts }: Parts): ClientDocuments {
  const cache = createDocumentCache(parts);
  const pinned = new Map(policy.pinned.map((content) => [String(content.client_id), content]));

  async function loadMetadata(url: string): Promise<Content> {
    checkDocumentUrl(url, policy);
    checkSpelling(url);
    try {
      return await cache.load({ url, kind: metadata, clientId: url });
    } catch (error) {
      // Whoever can be read speaks for itself, for what it withdrew, too (R78); a pinned one is for who cannot (R76).
      const content = pinned.get(url);
      if (!content || !(error instanceof DocumentError)) throw error;
      return readMetadata(content, url);
    }
  }

  async function loadKeys(client: Content, signs: boolean): Promise<Content> {
    const { jwks_uri: url, ...rest } = client;
    if (typeof url !== 'string' || !signs) return client;
    checkUrl(url);
    // In place of their URL, so that the provider fetches nothing: it would take other addresses and other limits.
    return { ...rest, jwks: await cache.load({ url, kind: keySet, clientId: String(client.client_id) }) };
  }

  function checkUrl(url: string): void {
    if (!policy.enabled) throw finalError('nothing is fetched for clients here');
    checkDocumentUrl(url, policy);
  }

  return {
    isDocumentUrl: (clientId) => policy.enabled && /^https:\/\//i.test(clientId),
    find: (clientId, request) =>
      explaining(request, 'client_id metadata document', async () =>
        loadKeys(presentClient(await loadMetadata(clientId), request.signs), request.signs),
      ),
    withKeys: (client, request) => explaining(request, 'key set of the client', () => loadKeys(client, request.signs)),
    findUrlError(url) {
      try {
        checkUrl(url);
        return undefined;
      } catch (error) {
        return (error as DocumentError).message;
      }
    },
  };
}

/** Where a client authenticates, and is told by JSON that it is unknown (R29); elsewhere it is a page. */
export const clientRoutes = new Set(['token', 'revocation', 'introspection']);

async function explaining<T>(request: ClientRequest, what: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    throw error instanceof DocumentError ? explain(error, request, what) : error;
  }
}

function explain(error: DocumentError, { route, retryAfter }: ClientRequest, what: string): Error {
  if (error.kind !== 'final') {
    retryAfter?.(error.retryAfterSeconds);
    return new ClientDocumentUnavailable(error);
  }
  const detail = `${what}: ${error.message}`;
  if (clientRoutes.has(route ?? '')) return new errors.InvalidClientAuth(detail);
  return new errors.InvalidClient(`the ${what} cannot be used`, detail);
}
