import { type GatewayError, type KeySet, type Protection, protectResource, type Revocations } from '@bkend/mcp-gateway';
import type { Resource } from '../resources/index.ts';

export interface ProtectionParts {
  readonly issuer: string;
  readonly resources: readonly Resource[];
  /** Our own: nothing is fetched. */
  readonly ownKeys: KeySet;
  readonly revocations: Revocations;
  readonly onRefusal?: (error: GatewayError) => void;
}

/**
 * The kit, for each resource: a token is verified for exactly one of them. Twice, because a tool that has no token is told
 * what to ask for: one that does not name what it does will need more, and some of those never ask a second time.
 */
export function createProtections({ resources, ownKeys, ...parts }: ProtectionParts) {
  const naming = new Map(resources.map((resource) => [resource.uri, protect(resource, [])]));
  const unnamed = new Map(
    resources.map((resource) => [resource.uri, protect(resource, resource.requests.unnamedRequests)]),
  );

  function protect({ uri, name, scopes, defaultScopes, requests }: Resource, furtherScopes: readonly string[]) {
    return protectResource({
      ...parts,
      keys: ownKeys,
      resource: uri,
      resourceName: name,
      // None here: what this very request needs is asked at once, so that a challenge names all of it.
      scopes: [],
      challengeScopes: [...requests.requiredScopes, ...defaultScopes, ...furtherScopes],
      scopesSupported: scopes.map((scope) => scope.name),
    });
  }

  return {
    of(resource: Resource, isUnnamed: boolean): Protection {
      const protection = (isUnnamed ? unnamed : naming).get(resource.uri);
      if (!protection) throw new TypeError(`no resource of the catalogue: ${resource.uri}`);
      return protection;
    },
  };
}
