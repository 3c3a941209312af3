import type Provider from 'oidc-provider';
import type { Adapter, AdapterPayload, errors } from 'oidc-provider';
import { ConfigError, type Problem } from '../config/index.ts';

type CreateAdapter = (model: string) => Adapter;
type ClientMetadata = Readonly<Record<string, unknown>>;

/**
 * Clients of the configuration, found where all others are found. oidc-provider has a list of its own for them
 * (`clients`), which it reads without asking anybody (9.13): what is done when a client is asked for (R34) would not be
 * done for these. What is stored under the same id stays unseen.
 */
export function answerConfiguredClients(
  create: CreateAdapter,
  clients: readonly ClientMetadata[],
  whenAsked: (model: string) => void,
): CreateAdapter {
  const configured = new Map(clients.map((client) => [client.client_id, client]));
  return (model) => (model === 'Client' ? withConfigured(create(model), configured, whenAsked) : create(model));
}

function withConfigured(
  stored: Adapter,
  configured: ReadonlyMap<unknown, ClientMetadata>,
  whenAsked: (model: string) => void,
): Adapter {
  const findStored = stored.find.bind(stored);
  return Object.assign(stored, {
    async find(id: string) {
      const client = configured.get(id);
      if (!client) return findStored(id);
      whenAsked('Client');
      // The provider completes what it gets, and the configuration is frozen.
      return structuredClone(client) as AdapterPayload;
    },
  });
}

/**
 * Throws `ConfigError` when oidc-provider would refuse some of them: it looks at a client when somebody comes with it, and
 * then a person reads in a browser what the operator should have read at the start.
 */
export async function checkConfiguredClients(provider: Provider, clients: readonly ClientMetadata[]): Promise<void> {
  const problems = await Promise.all(clients.map((client, index) => findProblem(provider, client, index)));
  const found = problems.filter((problem) => problem !== undefined);
  if (found.length > 0) throw new ConfigError(found);
}

async function findProblem(provider: Provider, client: ClientMetadata, index: number): Promise<Problem | undefined> {
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
