import type { Lifetimes } from '../config/index.ts';

/** Everything that ends by itself, in seconds. */
export function createLifetimes(lifetimes: Lifetimes) {
  return {
    AccessToken: lifetimes.accessToken,
    AuthorizationCode: lifetimes.authorizationCode,
    // Until its first refresh token extends it (decision 7): as long as the code and the token it yields can live.
    Grant: lifetimes.authorizationCode + lifetimes.accessToken,
    IdToken: lifetimes.accessToken,
    Interaction: lifetimes.interaction,
    Session: lifetimes.session,
    RefreshToken: (_ctx: unknown, token: { iiat?: number | undefined }) => refreshTokenTtl(lifetimes, token),
  };
}

/** A used client outlives its last refresh token: what it must read then is `invalid_grant`, not `invalid_client` (R31). */
export function createRegistrationLifetimes({ registrationUnused, registrationIdle, refreshToken }: Lifetimes) {
  return { unused: registrationUnused, used: refreshToken + registrationIdle };
}

/** `iiat` is the first issue of the chain: an absolute cap, when one is set, counts from there. */
export function refreshTokenTtl(
  { refreshToken, connection }: Lifetimes,
  { iiat }: { iiat?: number | undefined },
): number {
  if (connection === undefined || iiat === undefined) return refreshToken;
  const left = iiat + connection - Math.floor(Date.now() / 1000);
  return Math.max(1, Math.min(refreshToken, left));
}
