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
}

/** OpenID Connect Back-Channel Logout §2.6, every step. Throws what was wrong. */
export async function verifyLogoutToken(token: string, { issuer, clientId, keys, clock }: Parts): Promise<LogoutToken> {
  const { payload } = await jwtVerify(token, keys, {
    issuer,
    audience: clientId,
    // An ID token is signed by the same key for the same audience: this, `events` and `nonce` tell them apart (§4).
    typ: 'logout+jwt',
    algorithms,
    requiredClaims: ['iat', 'jti', 'events'],
    maxTokenAge: maxAgeSeconds,
    clockTolerance: clockToleranceSeconds,
    currentDate: new Date(clock.now()),
  });
  const { jti, sub, sid, events, nonce } = payload;
  if (!isObject(events) || !isObject(events[event])) throw unusable('events');
  if (nonce !== undefined) throw unusable('nonce');
  if (typeof jti !== 'string' || jti === '') throw unusable('jti');
  if (sub === undefined && sid === undefined) throw unusable('sub');
  if (sid !== undefined && typeof sid !== 'string') throw unusable('sid');
  return { issuer, jti, subject: sub, sid };
}

const unusable = (check: string) => new ProviderError('unusable', `logout token: ${check}`);

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
