import type { Clock } from '../clock.ts';

/** Signs claims with the keys of this server, as a compact JWS of this type. */
export type SignJwt = (claims: Record<string, string | number>, typ: string) => Promise<string>;

const lifetimeSeconds = 60;
/** A token is used again while it has this much left: long enough for two tries and a clock that is ahead. */
const leastSecondsLeft = 30;

/**
 * What the console sees in `Authorization`: a JWT that is good for this directory only (`aud`), for nothing else (`typ`;
 * RFC 8725 §3.11), and for a minute. The console checks it with our JWKS, so there is no second secret to keep.
 */
export function createDirectoryCredential(issuer: string, audience: string, sign: SignJwt, clock: Clock) {
  let kept: { readonly expiresAt: number; readonly token: Promise<string> } | undefined;

  return function directoryCredential(): Promise<string> {
    const now = clock.seconds();
    if (kept && kept.expiresAt - now >= leastSecondsLeft) return kept.token;
    const expiresAt = now + lifetimeSeconds;
    const token = sign({ iss: issuer, aud: audience, iat: now, exp: expiresAt }, 'directory+jwt');
    kept = { expiresAt, token };
    token.catch(() => {
      kept = undefined;
    });
    return token;
  };
}
