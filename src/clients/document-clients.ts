import { errors, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import { type CacheParts, createDocumentCache, type Wanted } from './document-cache.ts';
import { type Content, keySet, metadata, methodsOf, readMetadata } from './document-content.ts';
import { DocumentFault } from './document-fault.ts';
import { createHandover } from './document-handover.ts';
import { checkDocumentUrl, checkSpelling, type HostLists } from './document-hosts.ts';
import { machineNetwork, type Network } from './document-request.ts';
import { ClientDocumentUnavailable } from './document-unavailable.ts';

export interface ClientDocumentsPolicy extends HostLists {
  readonly enabled: boolean;
  /** Documents that stand in for those that cannot be had. */
  readonly pinned: readonly Content[];
}

interface Parts extends Omit<CacheParts, 'network'> {
  readonly policy: ClientDocumentsPolicy;
  /** The machine's own unless told. */
  readonly network?: Network | undefined;
}

/** Client ID Metadata Documents, in the shape in which oidc-provider asks for them. */
export type ClientDocuments = ReturnType<typeof createClientDocuments>;

type Fetch = typeof globalThis.fetch;
type Context = KoaContextWithOIDC | undefined;
/** Made anew for each request, so it can be what this request needs it to be. */
type Client = { readonly clientId: string; readonly jwksUri?: string | undefined; tokenEndpointAuthMethod?: string };

/**
 * oidc-provider 9.13 turns every failed fetch into `invalid_client`, and keeps documents per process. So a document is
 * loaded in `allowFetch`, from which our errors come through, and its fetch is answered with what was loaded there.
 */
export function createClientDocuments({ policy, network = machineNetwork, ...parts }: Parts) {
  const cache = createDocumentCache({ ...parts, network });
  const pinned = new Map(policy.pinned.map((content) => [String(content.client_id), content]));
  const handover = createHandover();

  async function load(wanted: Wanted): Promise<Content> {
    checkDocumentUrl(wanted.url, policy);
    if (wanted.kind === metadata) checkSpelling(wanted.url);
    return cache.load(wanted).catch((error) => standIn(error, wanted));
  }

  /** Whoever can be read speaks for itself, for what it withdrew, too (R78); a pinned document is for who cannot (R76). */
  function standIn(error: unknown, { url, kind }: Wanted): Content {
    const content = kind === metadata ? pinned.get(url) : undefined;
    if (!content || !(error instanceof DocumentFault)) throw error;
    return readMetadata(content, url);
  }

  async function prepare(ctx: Context, wanted: Wanted): Promise<void> {
    const content = await load(wanted).catch((error) => {
      throw error instanceof DocumentFault ? explain(ctx, error) : error;
    });
    handover.put(ctx, wanted.url, content);
  }

  async function allowFetch(ctx: Context, clientId: string): Promise<boolean> {
    await prepare(ctx, { url: clientId, kind: metadata, clientId });
    return true;
  }

  /**
   * A document may name several methods (ChatGPT: `private_key_jwt` and `none`). Whoever signs is held to the signature;
   * whoever does not is the public client that the document says it may be, bound by PKCE and rotation like all others.
   */
  async function allowClient(ctx: Context, client: Client): Promise<boolean> {
    const signs = ctx?.oidc?.params?.client_assertion !== undefined;
    const { clientId, jwksUri } = client;
    if (signs && jwksUri) await prepare(ctx, { url: jwksUri, kind: keySet, clientId });
    const content = handover.get(ctx, clientId) ?? {};
    if (!signs && methodsOf(content).includes('none')) client.tokenEndpointAuthMethod = 'none';
    return true;
  }

  return {
    feature: {
      enabled: policy.enabled,
      ack: 'draft-02',
      allowFetch,
      allowClient: allowClient as (ctx: KoaContextWithOIDC, client: unknown) => Promise<boolean>,
      // The provider's own cache off: what one node has learned holds on all of them, and nothing is older than it says.
      cacheDuration: { min: 0, max: 0 },
    },
    /** The provider's `fetch`; whatever is no document of a client goes to `other`. */
    createFetch(other: Fetch = (input, init) => globalThis.fetch(input, init)): Fetch {
      return async (input, init) => {
        const content = handover.get(Provider.ctx, String(input));
        return content ? Response.json(content) : other(input, init);
      };
    },
  };
}

/** Where a client is told by JSON that it is unknown (R29); elsewhere it is a page. */
const clientRoutes = new Set(['token', 'revocation', 'introspection']);

function explain(ctx: Context, fault: DocumentFault): Error {
  if (fault.kind !== 'final') {
    ctx?.set('Retry-After', String(fault.retryAfterSeconds));
    return new ClientDocumentUnavailable(fault);
  }
  const detail = `client_id metadata document: ${fault.message}`;
  if (clientRoutes.has(ctx?.oidc.route ?? '')) return new errors.InvalidClientAuth(detail);
  return new errors.InvalidClient('the client_id metadata document cannot be used', detail);
}
