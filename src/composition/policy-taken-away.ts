import { findDocumentHost } from '@bkend/mcp-gateway/vocabulary';
import type { Clock } from '../clock.ts';
import type { Policy } from '../config/index.ts';
import { createPolicyRecord, type PolicyPart, type Revocations, type WithdrawnResource } from '../connections/index.ts';
import { type Catalogue, createRoles } from '../resources/index.ts';
import type { StorageContext } from './storage-context.ts';

interface Parts extends Pick<StorageContext, 'store' | 'names'> {
  readonly policy: Policy;
  readonly catalogue: Catalogue;
  readonly revocations: Revocations;
  readonly clock: Clock;
}

/** Tells the gateways what the configuration of the start before this one allowed and this one does not (R119). */
export function tellTakenAway({ policy, catalogue, ...parts }: Parts): Promise<WithdrawnResource[]> {
  return createPolicyRecord(parts).update(createDescribePolicy(policy, catalogue));
}

/**
 * The rules of `createOffers` and `createRoles`, as the list of parts that gateways are told. Clients that the provider's host
 * added are the host's to remove.
 */
function createDescribePolicy({ clients, clientDocuments, roles }: Policy, catalogue: Catalogue) {
  const { enabled, allow, deny } = clientDocuments;
  const narrowToRole = createRoles(roles);
  const ids = clients.map((client) => client.client_id);
  const isDocument = (id: string) => findDocumentHost(id) !== undefined;
  const ofClients: PolicyPart[] = [
    ...ids.filter((id) => !isDocument(id)).map((id) => ({ about: 'client', id, served: true }) as const),
    { about: 'documents', served: enabled, allow, deny, except: ids.filter(isDocument) },
  ];

  function partsAt(resource: string): PolicyPart[] {
    const found = catalogue.find(resource);
    if (!found) return [];
    const scopes = found.scopes.map(({ name }) => name);
    const ofRoles = Object.keys(roles).map((id): PolicyPart => {
      return { about: 'role', id, resource, served: true, scopes: narrowToRole(id, scopes) };
    });
    return [{ about: 'resource', resource, served: true, scopes, client: found.client }, ...ofRoles];
  }

  return function describePolicy(audiences: readonly string[]): PolicyPart[] {
    const own = catalogue.resources.flatMap(({ uri, formerly }) => [uri, ...formerly]);
    return [...ofClients, ...[...new Set([...own, ...audiences])].flatMap(partsAt)];
  };
}
