import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

/** A key of a client, and what it signs; by the clock of the machine, as oidc-provider verifies it. */
export interface AssertionSigner {
  readonly jwk: JWK;
  /** The parameters of a client assertion (RFC 7523 §2.2): good for one use within a minute, unless told otherwise. */
  assert(clientId: string, audience: string, more?: { issuer?: string; kid?: string }): Promise<Record<string, string>>;
}

export async function createAssertionSigner(kid: string, alg: 'ES256' | 'RS256' = 'ES256'): Promise<AssertionSigner> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return {
    jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' },
    async assert(clientId, audience, more = {}) {
      const claims = { jti: crypto.randomUUID(), iss: more.issuer ?? clientId, sub: clientId, aud: audience };
      const client_assertion = await new SignJWT(claims)
        .setProtectedHeader({ alg, kid: more.kid ?? kid })
        .setIssuedAt()
        .setExpirationTime('1m')
        .sign(privateKey);
      return { client_assertion, client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' };
    },
  };
}
