import { coversScope } from '@bkend/mcp-gateway/vocabulary';
import type { RequestScopes, ResourcePolicy, ScopePolicy } from '../config/index.ts';
import { canonicalResource } from './canonical-resource.ts';

/** A protected MCP gateway and what may be asked of it. */
export interface Resource {
  /** In its canonical spelling: the `aud` of its tokens. */
  readonly uri: string;
  readonly name: string;
  /** The client as which its gateway follows revocations and introspects. */
  readonly client: string | undefined;
  readonly scopes: readonly ScopePolicy[];
  /** Concrete, in catalogue order: what a request means that names none. */
  readonly defaultScopes: readonly string[];
  /** What a proxy asks of a request before it lets it through. */
  readonly requests: RequestScopes;
  /** The concrete scopes that these scopes and wildcards cover, in catalogue order; unknown ones cover nothing. */
  expand(patterns: readonly string[]): string[];
}

export interface Catalogue {
  readonly resources: readonly Resource[];
  /** In whatever spelling (R41). */
  find(uri: string): Resource | undefined;
  /** The one a request means that names none (R42): only if there is no doubt. */
  readonly only: Resource | undefined;
}

export function createCatalogue(policies: readonly ResourcePolicy[], issuer: string): Catalogue {
  const resources = policies.map((policy) => createResource(policy, issuer));
  const byUri = new Map(resources.map((resource) => [resource.uri, resource]));
  return {
    resources,
    // Most ask in the canonical spelling, because that is how they were told.
    find: (uri) => byUri.get(uri) ?? byUri.get(canonicalResource(uri) ?? ''),
    only: resources.length === 1 ? resources[0] : undefined,
  };
}

function createResource(policy: ResourcePolicy, issuer: string): Resource {
  const { uri, name, client, scopes, defaultScopes } = policy;
  const canonical = canonicalResource(uri ?? issuer);
  if (!canonical) throw new TypeError(`not a resource: ${uri}`);
  const expand = (patterns: readonly string[]) =>
    scopes.map((scope) => scope.name).filter((scope) => patterns.some((pattern) => coversScope(pattern, scope)));
  return {
    uri: canonical,
    name,
    client,
    scopes,
    defaultScopes: expand(defaultScopes),
    requests: requestScopes(policy),
    expand,
  };
}

function requestScopes({ requiredScopes = [], tools = {}, methods = {}, unnamedRequests = [] }: ResourcePolicy) {
  return { requiredScopes, tools, methods, unnamedRequests };
}
