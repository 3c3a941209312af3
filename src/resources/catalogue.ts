import { coversScope, createFindResource } from '@bkend/mcp-gateway/vocabulary';
import type { RequestScopes, ResourcePolicy, ScopePolicy } from '../config/index.ts';
import { canonicalResource } from './canonical-resource.ts';

/** A protected MCP gateway and what may be asked of it. */
export interface Resource {
  /** In its canonical spelling: the `aud` of its tokens. */
  readonly uri: string;
  /** Where it was before; a URL there means it. */
  readonly formerly: readonly string[];
  readonly name: string;
  /** The client as which its gateway follows revocations and introspects. */
  readonly client: string | undefined;
  readonly scopes: readonly ScopePolicy[];
  /** Concrete, in catalogue order: what a request means that names none. */
  readonly defaultScopes: readonly string[];
  /** What its metadata name, as few as are of use: a client that gets no `scope` in a challenge asks for all of them. */
  readonly metadataScopes: readonly string[];
  /** What a proxy asks of a request before it lets it through. */
  readonly requests: RequestScopes;
  /** The concrete scopes that these scopes and wildcards cover, in catalogue order; unknown ones cover nothing. */
  expand(patterns: readonly string[]): string[];
}

export interface Catalogue {
  readonly resources: readonly Resource[];
  /** Whichever this URL means (R93). */
  find(uri: string): Resource | undefined;
  /** The one there is, if there is one. */
  readonly only: Resource | undefined;
  /** The one a request means that names none (R100): the issuer's own, or the only one. */
  readonly unnamed: Resource | undefined;
}

export function createCatalogue(policies: readonly ResourcePolicy[], issuer: string): Catalogue {
  const resources = policies.map((policy) => createResource(policy, issuer));
  const only = resources.length === 1 ? resources[0] : undefined;
  const own = resources.find(({ uri }) => uri === canonicalResource(issuer));
  return { resources, find: createFindResource(resources), only, unnamed: own ?? only };
}

function createResource(policy: ResourcePolicy, issuer: string): Resource {
  const { uri, formerly = [], name, client, scopes, defaultScopes, metadataScopes = defaultScopes } = policy;
  const requests = requestScopes(policy);
  const canonical = canonicalResource(uri ?? issuer);
  if (!canonical) throw new TypeError(`not a resource: ${uri}`);
  const expand = (patterns: readonly string[]) =>
    scopes.map((scope) => scope.name).filter((scope) => patterns.some((pattern) => coversScope(pattern, scope)));
  return {
    uri: canonical,
    formerly,
    name,
    client,
    scopes,
    defaultScopes: expand(defaultScopes),
    // Without those that every request needs it would be of no use.
    metadataScopes: expand([...requests.requiredScopes, ...metadataScopes]),
    requests,
    expand,
  };
}

function requestScopes({ requiredScopes = [], tools = {}, methods = {}, unnamedRequests = [] }: ResourcePolicy) {
  return { requiredScopes, tools, methods, unnamedRequests };
}
