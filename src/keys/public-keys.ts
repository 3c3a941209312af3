import { createLocalJWKSet, type JWK, type JWTVerifyGetKey } from 'jose';
import type { SigningKeys } from './signing-keys.ts';

/** What verifies our own signatures in this very process, without asking ourselves over HTTP. */
export function createOwnKeySet({ jwks }: SigningKeys): JWTVerifyGetKey {
  return createLocalJWKSet({ keys: jwks.keys.map(publicPart) });
}

export function publicPart(key: JWK): JWK {
  const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, oth: _oth, priv: _priv, ...rest } = key;
  return rest;
}
