/**
 * The kit that a gateway imports: decides whether a request carries a valid access token of one issuer, for one
 * resource, with the scopes it needs; says who is behind it; tells everyone else how to get one.
 *
 * It stands alone: it knows the issuer's published metadata and keys, the token's claims, the feed of revocations, and
 * nothing else of the authorization server. It needs `jose`, and no framework; of Node no more than types, so that any
 * fetch runtime can import it.
 *
 *   protectResource      middleware for node:http, Express, Koa, and handlers of the Fetch API
 *   followRevocations    which tokens have ended before they expire, kept in memory
 *   verifyAccessToken    the same verification, for any other framework
 *   hasScope … stepUp    which scopes cover which, and what to ask for
 *
 * Called by: any MCP server or gateway; in this repository by `examples/mcp-server`, `forward-auth` and the demonstration.
 */
export { type Answer, CORS_HEADERS } from './answer.ts';
export { canonicalResource } from './canonical-resource.ts';
export { type FollowedRevocations, type FollowOptions, followRevocations } from './follow-revocations.ts';
export { GatewayError, type GatewayErrorCode } from './gateway-error.ts';
export { findIdentity, type Identity, type IdentityClaims, identityOf } from './identity.ts';
export type { Fetch } from './issuer-metadata.ts';
export { createKeySet, type KeySet, type KeySetOptions } from './key-set.ts';
export type { KoaContext, KoaMiddleware } from './koa.ts';
export type { Nobody } from './nobody.ts';
export { type Middleware, type Next, type Protection, protectResource } from './protect-resource.ts';
export { type Protections, protectResources } from './protect-resources.ts';
export type { LazyProtectionOptions, ProtectionOptions } from './protection-options.ts';
export {
  createResourceMetadata,
  type ResourceMetadata,
  type ResourceMetadataOptions,
  resourceMetadataPaths,
  resourceMetadataUrl,
} from './resource-metadata.ts';
export {
  createRevocationList,
  type RevocationList,
  type RevocationListOptions,
  type RevocationStats,
  type Revocations,
  type TokenState,
} from './revocation-list.ts';
export { type Granted, hasScope, lacks, stepUp } from './scopes.ts';
export { createTokenCache, type TokenCache } from './token-cache.ts';
export { type VerificationOptions, verifyAccessToken } from './verify-access-token.ts';
export { type ClientCredentials as GatewayCredentials, parseRevocation, type Revocation } from './vocabulary/index.ts';
