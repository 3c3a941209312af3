import { hash } from 'node:crypto';
import type { JWK } from 'jose';

/** The `kid` that a key has, or is given: its thumbprint (RFC 7638 §3), here at once instead of later, as jose has it. */
export function keyId(key: JWK): string {
  return key.kid ?? hash('sha256', JSON.stringify(requiredMembers(key)), 'base64url');
}

/** In the order of their names (RFC 7638 §3.2). */
function requiredMembers({ alg, crv, e, kty, n, pub, x, y }: JWK) {
  if (kty === 'RSA') return { e, kty, n };
  if (kty === 'EC') return { crv, kty, x, y };
  return kty === 'OKP' ? { crv, kty, x } : { alg, kty, pub };
}
