import { canonicalResource } from './canonical-resource.ts';
import { resourceScopes } from './scopes.ts';

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

export interface ResourceMetadataOptions {
  readonly issuer: string;
  readonly resource: string;
  /** Every scope that some operation may need. */
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

/** The paths that serve the document: the one above, and the root form, which clients probe second. */
export function resourceMetadataPaths(resource: string): readonly string[] {
  return [...new Set([new URL(resourceMetadataUrl(resource)).pathname, WELL_KNOWN])];
}
