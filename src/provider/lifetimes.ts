import type { Lifetimes } from '../config/index.ts';

/** Everything that ends by itself, in seconds. */
export function createLifetimes(lifetimes: Lifetimes) {
  return {
    AccessToken: lifetimes.accessToken,
    AuthorizationCode: lifetimes.authorizationCode,
    Grant: connectionTtl(lifetimes),
    IdToken: lifetimes.accessToken,
    Interaction: lifetimes.interaction,
    Session: lifetimes.session,
  };
}

/** A used client outlives its last refresh token: what it must read then is `invalid_grant`, not `invalid_client` (R31). */
export function createRegistrationLifetimes(lifetimes: Lifetimes) {
  const { registrationUnused, registrationSignedIn, registrationIdle, refreshToken } = lifetimes;
  return { unused: registrationUnused, signedIn: registrationSignedIn, used: refreshToken + registrationIdle };
}

/** Until the first refresh token extends it: as long as the code and the access token it yields can live. */
export function connectionTtl({ authorizationCode, accessToken }: Lifetimes): number {
  return authorizationCode + accessToken;
}

/** `iiat` is when the line began: an absolute cap, when one is set, counts from there. Times in seconds. */
export function refreshTokenTtl(
  { refreshToken, connection }: Lifetimes,
  { iiat }: { readonly iiat: number },
  now: number,
): number {
  if (connection === undefined) return refreshToken;
  const left = iiat + connection - now;
  return Math.max(1, Math.min(refreshToken, left));
}
