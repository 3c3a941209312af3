/**
 * People who have their account at an identity provider: how they are sent there, and what must hold before what comes back
 * is believed. Decides which provider somebody is meant by, what is asked of it, every check of its answer, and what its
 * claims mean here: who it is, whether the email is theirs, of what they are a member. Any provider of OpenID Connect by
 * openid-client, and GitHub.
 *
 *   GET  P/oauth/identity-providers/:provider/callback            from the provider, to the flow that waits
 *   POST P/oauth/identity-providers/:provider/backchannel-logout  somebody has signed out there
 *   GET  P/oauth/identity-providers/:provider/signed-out          back from signing out there
 *
 * Knows no page of a flow and keeps no account: `sign-in` asks it, `directory` has the accounts, `sessions` what is signed in.
 */

export { domainOf } from './identity.ts';
export {
  createIdentityProviders,
  type IdentityProvider,
  type IdentityProviders,
  type Returned,
} from './identity-providers.ts';
export { clockToleranceSeconds, maxAgeSeconds } from './logout-token.ts';
export type { LogoutToken } from './provider.ts';
export { ProviderError } from './provider-error.ts';
export { identityProviderEndpoints } from './routes.ts';
