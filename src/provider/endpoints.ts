import type { Context } from 'koa';
import type Provider from 'oidc-provider';
import type { Clock } from '../clock.ts';
import type { Policy } from '../config/index.ts';
import type { Connections, IsCurrent, RevocationFeed, Revocations, WithdrawnResource } from '../connections/index.ts';
import type { Directory } from '../directory/index.ts';
import type { Endpoint } from '../http/index.ts';
import type { Catalogue } from '../resources/index.ts';
import type { AuthorizationParameters } from './authorization-parameters.ts';
import { createNormaliseAuthorizationRequest, createRedirectAuthorizationForm } from './authorization-request.ts';
import { createNormaliseCredentials } from './client-credentials.ts';
import { guessedEndpoints } from './guessed-endpoints.ts';
import { createIntrospectAccessToken } from './introspection.ts';
import { metadataEndpoints } from './metadata.ts';
import type { ReadOwnAccessToken } from './own-access-token.ts';
import { createExplainRegistration, refuseUnreadRegistration } from './registration-answers.ts';
import type { RequestLimits } from './request-limits.ts';
import { createRevokeAccessToken } from './revocation.ts';
import { createServeRevocations } from './revocation-stream.ts';
import { createRoutes, revocationFeedPath } from './routes.ts';
import { createServeUserinfo } from './userinfo.ts';

export interface ProtocolEndpointParts {
  readonly issuer: string;
  readonly provider: Provider;
  readonly catalogue: Catalogue;
  readonly policy: Pick<Policy, 'registration'>;
  readonly connections: Connections;
  readonly directory: Directory;
  readonly isCurrent: IsCurrent;
  readonly revocations: Revocations;
  readonly feed: RevocationFeed;
  readonly withdrawn: readonly WithdrawnResource[];
  readonly clock: Clock;
  readonly readOwnAccessToken: ReadOwnAccessToken;
  readonly limits: RequestLimits;
  readonly parameters: AuthorizationParameters;
  /** Of what the authorization endpoint answered by itself. */
  readonly guardDepartures: (ctx: Context) => void;
}

/**
 * oidc-provider's endpoints, with what we do before it reads a request and after it answered, and those of the protocol
 * that are ours. A JWT can end before it expires: what ends one, what tells, and what answers whether it did.
 */
export function protocolEndpoints(parts: ProtocolEndpointParts): Endpoint[] {
  const { issuer, provider, catalogue, limits } = parts;
  const routes = createRoutes(issuer);
  const before = createNormaliseCredentials(provider);
  const post = { methods: ['POST'], cors: true };
  const authorization = { name: 'authorization', path: routes.authorization };
  const token = {
    name: 'token',
    path: routes.token,
    ...post,
    before: forCachesOfHttp10(before),
    after: limits.afterClientRequest,
  };
  const registrations = parts.policy.registration === 'closed' ? [] : registrationEndpoints(routes.registration, parts);
  return [
    {
      ...authorization,
      methods: ['GET'],
      before: both(limits.beforeAuthorization, createNormaliseAuthorizationRequest(catalogue)),
      after: both(parts.guardDepartures, limits.afterAuthorization),
    },
    {
      ...authorization,
      methods: ['POST'],
      handler: createRedirectAuthorizationForm(routes.authorization, parts.parameters),
    },
    token,
    {
      name: 'revocation',
      path: routes.revocation,
      ...post,
      before,
      after: both(createRevokeAccessToken(parts), limits.afterClientRequest),
    },
    {
      name: 'introspection',
      path: routes.introspection,
      ...post,
      before,
      after: both(createIntrospectAccessToken(parts), limits.afterClientRequest),
    },
    ...registrations,
    ...guessedEndpoints(issuer, [token, ...registrations]),
    { name: 'end_session_success', path: `${routes.end_session}/success`, methods: ['GET'] },
    { name: 'jwks', path: routes.jwks, methods: ['GET'], cors: true },
    {
      name: 'userinfo',
      path: routes.userinfo,
      methods: ['GET', 'POST'],
      cors: true,
      handler: createServeUserinfo(parts),
    },
    {
      name: 'feed',
      path: revocationFeedPath(issuer),
      methods: ['GET'],
      handler: createServeRevocations(parts),
      isFollowed: true,
    },
    ...metadataEndpoints(issuer, catalogue),
  ];
}

function both(first: (ctx: Context) => unknown, second: (ctx: Context) => unknown) {
  return async (ctx: Context) => {
    await first(ctx);
    await second(ctx);
  };
}

type RegistrationParts = Pick<ProtocolEndpointParts, 'catalogue' | 'limits'>;

function registrationEndpoints(path: string, { catalogue, limits }: RegistrationParts): Endpoint[] {
  const explain = both(createExplainRegistration(catalogue), limits.afterRegistration);
  const changes = { cors: true, before: refuseUnreadRegistration, after: explain };
  return [
    { name: 'registration', path, methods: ['POST'], ...changes },
    { name: 'client', path: `${path}/:client`, methods: ['PUT'], ...changes },
    { name: 'client', path: `${path}/:client`, methods: ['GET'], cors: true, after: explain },
    { name: 'client', path: `${path}/:client`, methods: ['DELETE'], cors: true },
  ];
}

/** RFC 6749 §5.1: beside `Cache-Control`, which oidc-provider sets. */
function forCachesOfHttp10(before: NonNullable<Endpoint['before']>): NonNullable<Endpoint['before']> {
  return (ctx) => {
    ctx.set('Pragma', 'no-cache');
    return before(ctx);
  };
}
