/**
 * The protocol's records on the store: oidc-provider's adapter, and what the grants of `provider` read and change in one
 * step. Decides how clients are found (configured, described on the web, registered, in this order), what a refresh token
 * and a code are made of, and what is read together for one request. Knows `connections`, whose grants these are; knows
 * no endpoint.
 */
export { createAdapter } from './adapter.ts';
export {
  type AuthorizationCodes,
  composeAuthorizationCode,
  type PresentedCode,
} from './authorization-codes.ts';
export { maxAssertionSeconds } from './model-adapter.ts';
export { perRequest } from './per-request.ts';
export type { PresentedRefreshToken, RefreshGrantSource, RefreshLines, RenewalOrigin } from './refresh-lines.ts';
export { createRegistrations, type Registrations } from './registrations.ts';
