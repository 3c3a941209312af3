import {
  type ClientDocuments,
  type ClientLogos,
  completeConfiguredClient,
  createClientDocuments,
  createClientLogos,
  createIdentifyClient,
  createMachineNetwork,
  type EgressProxy,
  type IdentifyClient,
  type Network,
  protocolMembers,
} from '../clients/index.ts';
import type { Clock } from '../clock.ts';
import type { Policy } from '../config/index.ts';
import type { Paths } from '../http/index.ts';
import { createLogoAddresses, type LogoAddresses } from '../interactions/index.ts';
import type { Events } from '../operations/index.ts';
import type { StorageContext } from './storage-context.ts';

interface Parts extends Pick<StorageContext, 'store' | 'names' | 'vault'> {
  readonly paths: Paths;
  readonly policy: Pick<Policy, 'brand' | 'clients' | 'clientDocuments'>;
  readonly isConfigured: (clientId: string) => boolean;
  readonly registrations: { keepDocument(key: string, clientId: string): Promise<void> };
  /** The machine's own unless told. */
  readonly network?: Network | undefined;
  readonly egressProxy: EgressProxy | undefined;
  readonly events: Events;
  readonly clock: Clock;
}

/** Clients: the configured ones, those that documents describe, and how both are shown to people. */
export interface ConnectedClients {
  readonly clients: readonly Readonly<Record<string, unknown>>[];
  readonly documents: ClientDocuments;
  readonly identifyClient: IdentifyClient;
  readonly logos: ClientLogos;
  readonly logoAddresses: LogoAddresses;
}

export function connectClients(parts: Parts): ConnectedClients {
  const { policy, events, registrations } = parts;
  const network = parts.network ?? createMachineNetwork(parts.egressProxy);
  const shared = { ...parts, network };
  const documents = createClientDocuments({
    ...shared,
    policy: policy.clientDocuments,
    onFirstKept: registrations.keepDocument,
  });
  const logos = createClientLogos({
    ...shared,
    configured: policy.clients,
    hosts: policy.clientDocuments,
    findDocument: async (id) => (documents.isDocumentUrl(id) ? documents.find(id, { signs: false }) : {}),
  });
  const logoAddresses = createLogoAddresses(parts);
  return {
    clients: policy.clients
      .map((client) => protocolMembers(client, (id) => events.emit({ event: 'client.scope', client: id })))
      .map(completeConfiguredClient),
    documents,
    logos,
    logoAddresses,
    identifyClient: createIdentifyClient({
      brand: policy.brand.name,
      documents: policy.clientDocuments,
      isConfigured: parts.isConfigured,
      findLogo(clientId) {
        const logo = logos.find(clientId);
        return logo && logoAddresses.of(clientId, logo.hash);
      },
    }),
  };
}
