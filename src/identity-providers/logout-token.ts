import { type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { Clock } from '../clock.ts';
import type { LogoutToken } from './provider.ts';
import { ProviderError } from './provider-error.ts';

/** Only those for which a provider has a key that nobody else has: with HS256 its public key would do (RFC 8725 §2.1). */
const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
const event = 'http://schemas.openid.net/event/backchannel-logout';

/** A token is sent when it is made. What may be older could be kept and used against a later session. */
export const maxAgeSeconds = 300;
export const clockToleranceSeconds = 30;

interface Parts {
  readonly issuer: string;
  readonly clientId: string;
  readonly keys: JWTVerifyGetKey;
  readonly clock: Clock;
  readonly mayBeUntyped?: boolean | undefined;
}

/** OpenID Connect Back-Channel Logout §2.6, every step. Throws what was wrong. */
export async function verifyLogoutToken(token: string, parts: Parts): Promise<LogoutToken> {
  const { issuer, clientId, keys, clock, mayBeUntyped = false } = parts;
  const { payload, protectedHeader } = await jwtVerify(token, keys, {
    issuer,
    audience: clientId,
    algorithms,
    requiredClaims: ['iat', 'jti', 'events'],
    maxTokenAge: maxAgeSeconds,
    clockTolerance: clockToleranceSeconds,
    currentDate: new Date(clock.now()),
  });
  // An ID token is signed by the same key for the same audience: this, `events` and `nonce` tell them apart. To insist on it
  // breaks with providers of before, says §4; without it the other two are left.
  if (!types(mayBeUntyped).includes(protectedHeader.typ?.toLowerCase())) throw unusable('typ');
  const { jti, sub, sid, events, nonce } = payload;
  if (!isObject(events) || !isObject(events[event])) throw unusable('events');
  if (nonce !== undefined) throw unusable('nonce');
  if (typeof jti !== 'string' || jti === '') throw unusable('jti');
  if (sub === undefined && sid === undefined) throw unusable('sub');
  if (sid !== undefined && typeof sid !== 'string') throw unusable('sid');
  return { issuer, jti, subject: sub, sid };
}

/** RFC 7515 §4.1.9: `application/` may be left out, and case does not matter. */
const types = (mayBeUntyped: boolean): (string | undefined)[] => [
  ...['logout+jwt', 'application/logout+jwt'],
  ...(mayBeUntyped ? ['jwt', undefined] : []),
];

const unusable = (check: string) => new ProviderError('unusable', `logout token: ${check}`);

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
