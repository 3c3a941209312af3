import Provider, { type Adapter, type AdapterPayload, type errors } from 'oidc-provider';
import type { ClientDocuments } from '../clients/index.ts';
import { ConfigError, type Issue } from '../config/index.ts';

type CreateAdapter = (model: string) => Adapter;
type ClientMetadata = Readonly<Record<string, unknown>>;

interface ClientSources {
  readonly configured: readonly ClientMetadata[];
  readonly documents: ClientDocuments;
  readonly whenAsked: (model: string) => void;
}

/**
 * Every client is found here: configured, stored, described by a document. oidc-provider has ways of its own for the first
 * and the last (9.13): its list `clients` is read without asking anybody, so that what is done when a client is asked for
 * (R34) would not be done for these; and it turns every document that it cannot fetch into `invalid_client`, and keeps
 * documents per process. It asks the adapter before either. What is stored under the id of a configured one stays unseen.
 */
export function findEveryClient(create: CreateAdapter, sources: ClientSources): CreateAdapter {
  const configured = new Map(sources.configured.map((client) => [client.client_id, client]));
  return (model) => (model === 'Client' ? withSources(create(model), configured, sources) : create(model));
}

function withSources(
  stored: Adapter,
  configured: ReadonlyMap<unknown, ClientMetadata>,
  { documents, whenAsked }: ClientSources,
): Adapter {
  const findStored = stored.find.bind(stored);
  return Object.assign(stored, {
    async find(id: string): Promise<AdapterPayload | undefined> {
      const client = configured.get(id);
      if (client) {
        whenAsked('Client');
        // The provider completes what it gets.
        return structuredClone(client);
      }
      return (await findStored(id)) ?? (documents.isDocumentUrl(id) ? findDocument(documents, id) : undefined);
    },
  });
}

function findDocument(documents: ClientDocuments, id: string): Promise<AdapterPayload> {
  const { ctx } = Provider;
  return documents.find(id, {
    signs: ctx?.oidc?.params?.client_assertion !== undefined,
    route: ctx?.oidc?.route,
    retryAfter: (seconds) => ctx?.set('Retry-After', String(seconds)),
  });
}

/**
 * Throws `ConfigError` when oidc-provider would refuse some of them: it looks at a client when somebody comes with it, and
 * then a person reads in a browser what the operator should have read at the start.
 */
export async function checkConfiguredClients(provider: Provider, clients: readonly ClientMetadata[]): Promise<void> {
  const issues = await Promise.all(clients.map((client, index) => findIssue(provider, client, index)));
  const found = issues.filter((issue) => issue !== undefined);
  if (found.length > 0) throw new ConfigError(found);
}

async function findIssue(provider: Provider, client: ClientMetadata, index: number): Promise<Issue | undefined> {
  // It is fetched to be checked, and the start waits for nobody's website.
  if (client.sector_identifier_uri) return undefined;
  try {
    await provider.Client.find(String(client.client_id));
    return undefined;
  } catch (error) {
    const { error_description: sentence, message } = error as errors.OIDCProviderError;
    return { where: `clients[${index}]`, sentence: `cannot be used: ${sentence ?? message}` };
  }
}
