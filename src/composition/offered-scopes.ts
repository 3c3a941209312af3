import { createIsAcceptedClient } from '../clients/index.ts';
import type { Policy } from '../config/index.ts';
import type { Connection } from '../connections/index.ts';
import type { Catalogue } from '../resources/index.ts';

interface Offers {
  /** Of its scopes those that the configuration still has; nothing when it has its resource, or its client, no more. */
  offeredScopes(connection: Connection): readonly string[] | undefined;
  /** Those of the provider's host count like configured ones. */
  addClients(ids: readonly string[]): void;
  isConfigured(clientId: string): boolean;
}

/** What of an earlier approval the configuration still allows (R119). */
export function createOffers({ clients, clientDocuments }: Policy, catalogue: Catalogue): Offers {
  const configured = new Set(clients.map((client) => client.client_id));
  const isConfigured = (id: string) => configured.has(id);
  const isAccepted = createIsAcceptedClient({ documents: clientDocuments, isConfigured });
  return {
    isConfigured,
    offeredScopes: ({ clientId, resource, scopes }) =>
      isAccepted(clientId) ? catalogue.find(resource)?.expand(scopes) : undefined,
    addClients(ids) {
      for (const id of ids) configured.add(id);
    },
  };
}
