import type { Middleware } from 'koa';
import { type AccountPageParts, accountEndpoints, isAccountSignIn, returnToAccount } from '../account/index.ts';
import type { Policy } from '../config/index.ts';
import { type ForwardAuthParts, forwardAuthEndpoints } from '../forward-auth/index.ts';
import { assetEndpoints, type Endpoint, refuseOverload } from '../http/index.ts';
import {
  createGuardDepartures,
  createReturnToFlow,
  type FlowParts,
  interactionEndpoints,
} from '../interactions/index.ts';
import type { Events } from '../operations/index.ts';
import { createRoutes, type ProtocolEndpointParts, protocolEndpoints } from '../provider/index.ts';
import { asOneRequest } from '../storage/index.ts';
import type { ConsoleConnection } from './console.ts';
import type { IdentityConnection } from './identity-providers.ts';

type Parts = Omit<ProtocolEndpointParts, 'guardDepartures'> &
  ForwardAuthParts &
  FlowParts &
  AccountPageParts & {
    readonly stylesheet: Parameters<typeof assetEndpoints>[0];
    readonly console?: ConsoleConnection | undefined;
    readonly identity?: IdentityConnection | undefined;
  };

/**
 * Everything at which this server answers, each path once. Where no `handler` stands oidc-provider answers, with what we do
 * before and after. Their order says nothing: a path belongs to one row, and those with a `:name` or `*` do not overlap.
 */
export function createEndpoints(parts: Parts): Endpoint[] {
  const routes = createRoutes(parts.issuer);
  return [
    ...protocolEndpoints({ ...parts, guardDepartures: createGuardDepartures(parts) }),
    ...forwardAuthEndpoints(parts),
    ...interactionEndpoints(parts, { resume: `${routes.authorization}/:uid`, signOut: routes.end_session }),
    ...accountEndpoints(parts),
    ...(parts.passwords?.endpoints() ?? []),
    ...elsewhereEndpoints(parts),
    ...assetEndpoints(parts.stylesheet),
  ];
}

interface AdmissionParts {
  readonly policy: Pick<Policy, 'limits'>;
  readonly events: Events;
}

/** Bounds requests at our endpoints only; the host bounds its own. */
export function createAdmission({ policy, events }: AdmissionParts): Middleware {
  const admit = refuseOverload({
    most: policy.limits.requestsAtOnce,
    onRefused: (refused) => events.emit({ event: 'overload', refused }),
  });
  return function admitAsOne(ctx, next) {
    const onUnkept = () => Object.assign(ctx.state, { isUnkept: true });
    return admit(ctx, () => asOneRequest(next, onUnkept));
  };
}

/** Where people sign in elsewhere: what is called from there, and where the browser comes back, for a flow or for the account. */
function elsewhereEndpoints(parts: Parts): readonly Endpoint[] {
  const { console, identity, provider } = parts;
  if (parts.waysIn.places.length === 0) return [];
  const returnToFlow = createReturnToFlow(parts);
  return [
    ...(console?.endpoints(provider) ?? []),
    ...(identity?.endpoints() ?? []),
    {
      name: 'interaction',
      path: `${parts.paths.interactions}/:uid/return`,
      methods: ['GET'],
      handler: (ctx) => (isAccountSignIn(ctx.params.uid) ? returnToAccount(ctx, parts) : returnToFlow(ctx)),
    },
  ];
}
