/**
 * Which client is welcome and what it meant to say: registrations, metadata documents and configured clients, and
 * where their redirects lead. Rules, and the fetching of documents from the web, which trusts no host and no name server.
 * Does not store clients (oidc-provider's adapter does) and knows no page.
 */
export { createIsAcceptedClient } from './accepted-client.ts';
export { completeConfiguredClient, findConfiguredClientIssues, withoutScope } from './configured-client.ts';
export { type ClientDocuments, type ClientRequest, clientRoutes, createClientDocuments } from './document-clients.ts';
export { ClientDocumentUnavailable } from './document-errors.ts';
export { createProxy, type EgressProxy } from './document-proxy.ts';
export { maxDocumentBytes, type Network } from './document-request.ts';
export { isTooDeep, maxLevels } from './json-depth.ts';
export { isLoopbackHost } from './loopback.ts';
export {
  type Change,
  type ClientMetadata,
  describeChanges,
  namedAuthMethod,
  normaliseClient,
  supportedByRegistration,
} from './normalise-client.ts';
export { type Destination, describeDestination } from './redirect-destination.ts';
export { findRedirectUriError, findRedirectUriErrors, isSameRedirectUri } from './redirect-uri.ts';
export {
  asPublicClient,
  clientDefaults,
  createClientId,
  describesItself,
  optionalSecret,
  softwareMembers,
  withdrawUnusedSecret,
} from './registration.ts';
export { Agent, request as httpRequest } from './undici.ts';
