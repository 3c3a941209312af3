/**
 * oidc-provider, configured: it owns the protocol, this room tells it our decisions, a fragment each. What a request
 * means (`authorization-request`), which page comes next (`prompts`), what must hold before a token is issued
 * (`issuance`), how it is renewed (`refresh-grant`), what is in it (`claims`, `resource-servers`), how long it lives
 * (`lifetimes`), and under which URLs all that is found (`routes`, `metadata`, `public-urls`). Knows no HTML; the
 * composition root hands it the pages.
 */
export { createIssueAccessToken } from './access-token.ts';
export { adjustProvider } from './adjustments.ts';
export { normaliseAuthorizationRequest } from './authorization-request.ts';
export { createFindAccount } from './claims.ts';
export { createConfiguration, type Pages, type ProviderParts } from './configuration.ts';
export { checkConfiguredClients } from './configured-clients.ts';
export { cookieProtection } from './cookies.ts';
export { createIssuance } from './issuance.ts';
export { connectionTtl, createRegistrationLifetimes, refreshTokenTtl } from './lifetimes.ts';
export { mergeConfiguration } from './merge-configuration.ts';
export { metadataPaths, serveMetadata } from './metadata.ts';
export { openPaths } from './open-paths.ts';
export { createReadOwnAccessToken } from './own-access-token.ts';
export { understandClients } from './registration-requests.ts';
export { createRoutes, forwardAuthPaths, pathOfIssuer, revocationFeedPath } from './routes.ts';
export { tokenEndpoints } from './token-endpoints.ts';
export { serveUserinfo } from './userinfo.ts';
