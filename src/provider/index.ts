/**
 * oidc-provider, configured: it owns the protocol, this module tells it our decisions, a fragment each. What a request
 * means (`authorization-request`), which page comes next (`prompts`), what must hold before a token is issued
 * (`issuance`), how a code is redeemed and a token renewed (`code-grant`, `refresh-grant`), what is in it (`access-token`,
 * `id-token`), how long it lives (`lifetimes`), and what we do at its endpoints (`endpoints`). Knows no HTML; the composition
 * root hands it the pages.
 */
export { createIssueAccessToken } from './access-token.ts';
export { adjustProvider } from './adjustments.ts';
export { createAuthorizationParameters } from './authorization-parameters.ts';
export { createFindAccount } from './claims.ts';
export { createConfiguration } from './configuration.ts';
export { checkConfiguredClients } from './configured-clients.ts';
export { createFindConsoleClient } from './console-client.ts';
export { type ProtocolEndpointParts, protocolEndpoints } from './endpoints.ts';
export { createIssuance } from './issuance.ts';
export { connectionTtl, createRegistrationLifetimes, refreshTokenTtl } from './lifetimes.ts';
export { createMemberships } from './memberships.ts';
export { mergeConfiguration } from './merge-configuration.ts';
export { createReadOwnAccessToken } from './own-access-token.ts';
export { createRequestLimits } from './request-limits.ts';
export { createRoutes, forwardAuthPaths } from './routes.ts';
