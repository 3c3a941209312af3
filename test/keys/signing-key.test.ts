import { describe, expect, it } from '@jest/globals';
import { type CryptoKey, compactVerify, exportJWK, generateKeyPair, importJWK } from 'jose';
import { ExternalSigningKey } from 'oidc-provider';
import { createSigningKey } from '../../src/keys/signing-key.ts';

async function aKey(alg: string) {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { jwk: { ...(await exportJWK(privateKey)), alg, kid: 'the key' }, publicJwk: await exportJWK(publicKey) };
}

describe('the key that signs access tokens', () => {
  it('makes signatures that another implementation accepts, whatever their numbers look like (RFC 7518 §3.4)', async () => {
    const { jwk, publicJwk } = await aKey('ES256');
    const key = createSigningKey(jwk) as ExternalSigningKey;
    const verifier = (await importJWK(publicJwk, 'ES256')) as CryptoKey;
    const header = Buffer.from('{"alg":"ES256"}').toString('base64url');
    // Every 256th number is shorter than 32 octets, every second one has a leading zero in DER: all are met in a thousand.
    for (let round = 0; round < 1000; round += 1) {
      const input = `${header}.${Buffer.from(`token ${round}`).toString('base64url')}`;
      const signature = Buffer.from(await key.sign(Buffer.from(input)));
      expect(signature).toHaveLength(64);
      await compactVerify(`${input}.${signature.toString('base64url')}`, verifier);
    }
  });

  it('publishes its public half and its name only', async () => {
    const { jwk, publicJwk } = await aKey('ES256');
    const key = createSigningKey(jwk) as ExternalSigningKey & { kid: string; alg: string };
    expect((await key.keyObject()).export({ format: 'jwk' })).toEqual(publicJwk);
    expect([key.kid, key.alg]).toEqual(['the key', 'ES256']);
  });

  it('of another kind is left to oidc-provider', async () => {
    const { jwk } = await aKey('RS256');
    expect(createSigningKey(jwk)).toBe(jwk);
    expect(createSigningKey((await aKey('ES256')).jwk)).toBeInstanceOf(ExternalSigningKey);
  });
});
