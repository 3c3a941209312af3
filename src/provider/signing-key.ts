import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import type { JWK } from 'jose';
import { ExternalSigningKey } from 'oidc-provider';

/** A P-256 key that signs where it stands: oidc-provider's own way goes through a thread pool, which costs four signatures. */
export function createSigningKey(jwk: JWK): JWK | ExternalSigningKey {
  return jwk.alg === 'ES256' ? new LocalSigningKey(jwk) : jwk;
}

class LocalSigningKey extends ExternalSigningKey {
  readonly #privateKey: KeyObject;
  readonly #publicKey: KeyObject;

  constructor(jwk: JWK) {
    super();
    this.#privateKey = createPrivateKey({ key: jwk as Record<string, unknown>, format: 'jwk' });
    this.#publicKey = createPublicKey(this.#privateKey);
    Object.assign(this, { kid: jwk.kid, alg: jwk.alg });
  }

  override keyObject(): KeyObject {
    return this.#publicKey;
  }

  override async sign(data: Uint8Array): Promise<Uint8Array> {
    return concatenate(sign('sha256', data, this.#privateKey));
  }
}

/** The two numbers of a DER signature, 32 octets each (RFC 7518 §3.4). Letting OpenSSL write them so takes twice as long. */
function concatenate(der: Buffer): Buffer {
  const r = numberAt(der, 2);
  const s = numberAt(der, 4 + r.length);
  return Buffer.concat([padded(r), padded(s)]);
}

function numberAt(der: Buffer, offset: number): Buffer {
  return der.subarray(offset + 2, offset + 2 + (der[offset + 1] as number));
}

/** DER writes no leading zeros, but one before a number whose first bit is set. */
function padded(number: Buffer): Buffer {
  const significant = number.subarray(Math.max(0, number.length - 32));
  return Buffer.concat([Buffer.alloc(32 - significant.length), significant]);
}
