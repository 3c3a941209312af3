import type Provider from 'oidc-provider';
import type { Clock } from '../clock.ts';
import type { Connections, IsCurrent, RevocationFeed, Revocations } from '../connections/index.ts';
import type { Directory } from '../directory/index.ts';
import type { Endpoint } from '../http/index.ts';
import type { Catalogue } from '../resources/index.ts';
import { createNormaliseAuthorizationRequest } from './authorization-request.ts';
import { createNormaliseCredentials } from './client-credentials.ts';
import { createIntrospectAccessToken } from './introspection.ts';
import { metadataEndpoints } from './metadata.ts';
import type { ReadOwnAccessToken } from './own-access-token.ts';
import { explainRegistrationError, refuseLargeRegistration } from './registration-errors.ts';
import { createRevokeAccessToken } from './revocation.ts';
import { createServeRevocations } from './revocation-stream.ts';
import { createRoutes, revocationFeedPath } from './routes.ts';
import { createServeUserinfo } from './userinfo.ts';

export interface ProtocolEndpointParts {
  readonly issuer: string;
  readonly provider: Provider;
  readonly catalogue: Catalogue;
  readonly connections: Connections;
  readonly directory: Directory;
  readonly isCurrent: IsCurrent;
  readonly revocations: Revocations;
  readonly feed: RevocationFeed;
  readonly clock: Clock;
  readonly readOwnAccessToken: ReadOwnAccessToken;
}

/**
 * oidc-provider's endpoints, with what we do before it reads a request and after it answered, and those of the protocol
 * that are ours. A JWT can end before it expires (decision 11): what ends one, what tells, and what answers whether it did.
 */
export function protocolEndpoints(parts: ProtocolEndpointParts): Endpoint[] {
  const { issuer, provider, catalogue } = parts;
  const routes = createRoutes(issuer);
  const before = createNormaliseCredentials(provider);
  const post = { methods: ['POST'], cors: true };
  const registration = { cors: true, before: refuseLargeRegistration, after: explainRegistrationError };
  const client = `${routes.registration}/:client`;
  return [
    {
      name: 'authorization',
      path: routes.authorization,
      methods: ['GET', 'POST'],
      before: createNormaliseAuthorizationRequest(catalogue),
    },
    { name: 'token', path: routes.token, ...post, before },
    { name: 'revocation', path: routes.revocation, ...post, before, after: createRevokeAccessToken(parts) },
    { name: 'introspection', path: routes.introspection, ...post, before, after: createIntrospectAccessToken(parts) },
    { name: 'registration', path: routes.registration, methods: ['POST'], ...registration },
    { name: 'client', path: client, methods: ['PUT'], ...registration },
    { name: 'client', path: client, methods: ['GET', 'DELETE'], cors: true },
    { name: 'jwks', path: routes.jwks, methods: ['GET'], cors: true },
    {
      name: 'userinfo',
      path: routes.userinfo,
      methods: ['GET', 'POST'],
      cors: true,
      handler: createServeUserinfo(parts),
    },
    { name: 'feed', path: revocationFeedPath(issuer), methods: ['GET'], handler: createServeRevocations(parts) },
    ...metadataEndpoints(issuer, catalogue),
  ];
}
