import type Provider from 'oidc-provider';
import type { errors } from 'oidc-provider';
import { ConfigError, type Issue } from '../config/index.ts';

type ClientMetadata = Readonly<Record<string, unknown>>;

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
