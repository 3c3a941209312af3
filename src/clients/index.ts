/**
 * Which client is welcome, what it meant to say, and how far it is known who says it: registrations, metadata documents
 * and configured clients, and where their redirects lead. Rules, and the fetching of documents and logos from the web, which
 * trusts no host and no name server.
 * Does not store clients (oidc-provider's adapter does) and knows no page.
 */
export { createIsAcceptedClient } from './accepted-client.ts';
export {
  type ClientIdentity,
  createIdentifyClient,
  type DescribedClient,
  type IdentifyClient,
} from './client-identity.ts';
export { type ClientLogos, createClientLogos } from './client-logos.ts';
export { completeConfiguredClient, findConfiguredClientIssues, protocolMembers } from './configured-client.ts';
export { type ClientDocuments, type ClientRequest, clientRoutes, createClientDocuments } from './document-clients.ts';
export { createProxy, type EgressProxy } from './document-proxy.ts';
export { createMachineNetwork, maxDocumentBytes, type Network } from './document-request.ts';
export { isTooDeep, maxLevels } from './json-depth.ts';
export { findLogoError, maxLogoBytes } from './logo-image.ts';
export { isLoopbackHost } from './loopback.ts';
export {
  type Change,
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
