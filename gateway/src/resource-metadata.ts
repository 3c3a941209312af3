import { canonicalResource } from './canonical-resource.ts';
import type { ProtectionOptions } from './protection-options.ts';
import type { RequestInfo } from './request-info.ts';
import { resourceScopes } from './scopes.ts';
import { createFindResource } from './vocabulary/index.ts';

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

export interface ResourceMetadataOptions {
  readonly issuer: string;
  readonly resource: string;
  /** The fewest with which the resource is of use: a client that gets no `scope` in a challenge asks for all of them. */
  readonly scopesSupported?: readonly string[];
  /** What people know this resource as. */
  readonly resourceName?: string;
}

/** The document of RFC 9728 §2. */
export interface ResourceMetadata {
  readonly resource: string;
  readonly authorization_servers: readonly string[];
  readonly scopes_supported?: readonly string[];
  readonly bearer_methods_supported: readonly string[];
  readonly resource_name?: string;
}

export function createResourceMetadata(options: ResourceMetadataOptions): ResourceMetadata {
  const scopes = resourceScopes(options.scopesSupported ?? []);
  return {
    resource: canonicalResource(options.resource),
    authorization_servers: [options.issuer],
    // RFC 9728 §3.2: a parameter with no value is left out.
    ...(scopes.length > 0 && { scopes_supported: scopes }),
    bearer_methods_supported: ['header'],
    ...(options.resourceName && { resource_name: options.resourceName }),
  };
}

/** RFC 9728 §3.1: the well-known part goes between host and path. */
export function resourceMetadataUrl(resource: string): string {
  const { origin, pathname, search } = new URL(canonicalResource(resource));
  return `${origin}${WELL_KNOWN}${pathname === '/' ? '' : pathname}${search}`;
}

/**
 * The paths that serve the document: the one above, the root form, which clients probe second, and both for a URL that was
 * typed with a slash at its end, or without the one that it has.
 */
export function resourceMetadataPaths(resource: string): readonly string[] {
  const { pathname } = new URL(resourceMetadataUrl(resource));
  const other = pathname.endsWith('/') ? pathname.slice(0, -1) : `${pathname}/`;
  return [...new Set([pathname, WELL_KNOWN, other, `${WELL_KNOWN}/`])];
}

/** The URL of a request as a spelling of the resource; nothing when it is another place. */
interface AskedResource {
  (request: Pick<RequestInfo, 'path' | 'search' | 'host'>): string | undefined;
  readonly uri: string;
}

/**
 * RFC 9728 §3.3: metadata for another URL than the one that was asked may not be used. So a resource is called what the
 * client calls it, with its slash, its query and, on this machine, its loopback host, as long as that means this resource.
 */
export function createAskedResource(options: Pick<ProtectionOptions, 'resource' | 'formerly'>): AskedResource {
  const uri = canonicalResource(options.resource);
  const formerly = options.formerly ?? [];
  const find = createFindResource([{ uri, formerly }]);
  const { origin } = new URL(uri);
  const schemes = new Set([uri, ...formerly].map((each) => new URL(each).protocol));

  function askedResource({ path, search, host }: Parameters<AskedResource>[0]): string | undefined {
    // Whoever sends another `Host` gets no other one back: it means no resource of ours.
    const origins = [...[...schemes].map((scheme) => `${scheme}//${host}`), origin];
    const asked = origins.map((each) => `${each}${path}${search}`).find((each) => find(each));
    return asked === undefined ? undefined : canonicalResource(asked);
  }

  return Object.assign(askedResource, { uri });
}

/** Whose metadata a path below `/.well-known/` asks for, as it is to be called there; nothing when it is none of ours. */
export function findDescribedResource(request: RequestInfo, askedResource: AskedResource): string | undefined {
  const tail = request.path.slice(WELL_KNOWN.length);
  if (!request.path.startsWith(WELL_KNOWN) || !/^(?:\/|$)/.test(tail)) return undefined;
  const isRoot = tail === '' || tail === '/';
  const asked = askedResource({ ...request, path: isRoot ? '/' : tail });
  // The root form names none.
  return asked ?? (isRoot ? spelledAt(request.host, askedResource) : undefined);
}

/** The resource, on the loopback host that was asked. */
function spelledAt(host: string, askedResource: AskedResource): string {
  const { pathname: path, search } = new URL(askedResource.uri);
  return askedResource({ path, search, host }) ?? askedResource.uri;
}
