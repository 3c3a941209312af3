/**
 * The words that an authorization server and its gateways must spell alike, each written once: what a scope pattern
 * covers, the one spelling of a resource and which one a URL means, which host is this machine, which host may
 * describe a client, an entry of the revocation feed and how long it
 * counts, the Basic header of a client, which headers a preflight asks for, what a tool or a
 * method needs.
 *
 * Pure functions over text; knows no request, no token and no key, and imports nothing. The server takes its own rules
 * from here, so that a scope or a resource cannot mean one thing where it is granted and another where it is used.
 */
export { findAskedHeaders } from './asked-headers.ts';
export { basicAuthorization, type ClientCredentials } from './basic-authorization.ts';
export { findCanonicalResource } from './canonical-resource.ts';
export { findDocumentHost, type HostLists, hostOf, isWelcomeHost } from './document-host.ts';
export { isLoopbackHost } from './loopback.ts';
export { createFindResource, type SpelledResource } from './meant-resource.ts';
export {
  isOpenOperation,
  type Operation,
  operationScopes,
  type Requirements,
  type RequirementTable,
  scopesOfEveryOperation,
} from './operation.ts';
export {
  type ChangedConnection,
  type ChangedPolicy,
  type EndedConnection,
  type EndedMembership,
  type EndedToken,
  maxClockSkewSeconds,
  parseRevocation,
  type Revocation,
  type RevokedThing,
} from './revocation.ts';
export { coversScope, isScope, splitScope } from './scope.ts';
