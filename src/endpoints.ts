import { type AccountPageParts, accountEndpoints } from './account/index.ts';
import { type ForwardAuthParts, forwardAuthEndpoints } from './forward-auth/index.ts';
import { assetEndpoints, type Endpoint } from './http/index.ts';
import { type FlowParts, interactionEndpoints } from './interactions/index.ts';
import { createRoutes, type ProtocolEndpointParts, protocolEndpoints } from './provider/index.ts';

type Parts = ProtocolEndpointParts &
  ForwardAuthParts &
  FlowParts &
  AccountPageParts & { readonly stylesheet: Parameters<typeof assetEndpoints>[0] };

/**
 * Everything at which this server answers, each path once. Where no `handler` stands oidc-provider answers, with what we do
 * before and after. Their order says nothing: a path belongs to one row, and those with a `:name` or `*` do not overlap.
 */
export function createEndpoints(parts: Parts): Endpoint[] {
  return [
    ...protocolEndpoints(parts),
    ...forwardAuthEndpoints(parts),
    ...interactionEndpoints(parts, { resume: `${createRoutes(parts.issuer).authorization}/:uid` }),
    ...accountEndpoints(parts),
    ...assetEndpoints(parts.stylesheet),
  ];
}
