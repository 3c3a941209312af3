import {
  type GatewayError,
  type KeySet,
  type Protection,
  protectResource,
  type ResourceMetadata,
  type Revocations,
} from '@bkend/mcp-gateway';
import type { Clock } from '../clock.ts';
import type { Resource } from '../resources/index.ts';

export interface ProtectionParts {
  readonly issuer: string;
  readonly resources: readonly Resource[];
  /** Our own: nothing is fetched. */
  readonly ownKeys: KeySet;
  readonly revocations: Revocations;
  readonly clock: Clock;
  readonly onRefusal?: (error: GatewayError) => void;
}

export interface Protections {
  of(resource: Resource, isUnnamed: boolean): Protection;
  /** Its metadata as the kit answers them at the first of these URLs that is an address of them; else as they are. */
  describe(resource: Resource, ...urls: readonly string[]): Promise<ResourceMetadata>;
}

/**
 * The kit, for each resource: a token is verified for exactly one of them. Twice, because a tool that has no token is told
 * what to ask for: one that does not name what it does will need more, and some of those never ask a second time.
 */
export function createProtections({ resources, ownKeys, clock, ...parts }: ProtectionParts): Protections {
  const naming = new Map(resources.map((resource) => [resource.uri, protect(resource, [])]));
  const unnamed = new Map(
    resources.map((resource) => [resource.uri, protect(resource, resource.requests.unnamedRequests)]),
  );

  function protect(
    { uri, formerly, name, defaultScopes, metadataScopes, requests }: Resource,
    furtherScopes: readonly string[],
  ) {
    return protectResource({
      ...parts,
      keys: ownKeys,
      now: clock.now,
      resource: uri,
      formerly,
      resourceName: name,
      // None here: what this very request needs is asked at once, so that a challenge names all of it.
      scopes: [],
      challengeScopes: [...requests.requiredScopes, ...defaultScopes, ...furtherScopes],
      scopesSupported: metadataScopes,
    });
  }

  function of(resource: Resource, isUnnamed: boolean): Protection {
    const protection = (isUnnamed ? unnamed : naming).get(resource.uri);
    if (!protection) throw new TypeError(`no resource of the catalogue: ${resource.uri}`);
    return protection;
  }

  return {
    of,
    async describe(resource, ...urls) {
      const protection = of(resource, false);
      for (const url of urls.filter(isMetadataUrl)) {
        const answer = await protection.authenticate(new Request(url));
        if (answer instanceof Response && answer.ok) return (await answer.json()) as ResourceMetadata;
      }
      return protection.metadata;
    },
  };
}

/** Any other would be a request to the resource. */
function isMetadataUrl(url: string): boolean {
  const { pathname = '', username, password } = URL.parse(url) ?? {};
  // A `Request` takes no user name.
  return pathname.startsWith('/.well-known/oauth-protected-resource') && !username && !password;
}
