import { randomUUID } from 'node:crypto';
import type { SigningKeys } from '../keys/index.ts';
import { connectionClaims } from './claims.ts';
import type { Issued } from './issuance.ts';
import { createSignJwt } from './signing-key.ts';

interface Parts {
  readonly issuer: string;
  readonly signing: SigningKeys;
  /** Seconds. */
  readonly accessTokenTtl: number;
}

/**
 * An access token (RFC 9068) for a connection, claim by claim what oidc-provider makes of our configuration when a code is
 * redeemed; a test compares the two. An empty `scope` is said (R81): without the claim a gateway could read "not restricted".
 */
export function createIssueAccessToken({ issuer, signing, accessTokenTtl }: Parts) {
  const sign = createSignJwt(signing.jwks.keys[0] ?? {}, 'at+jwt');

  return async (issued: Issued, scopes: readonly string[]): Promise<string> => {
    const { connection } = issued;
    const iat = Math.floor(Date.now() / 1000);
    return sign({
      ...connectionClaims(issued),
      jti: randomUUID(),
      sub: connection.accountId,
      iat,
      exp: iat + accessTokenTtl,
      scope: scopes.join(' '),
      client_id: connection.clientId,
      iss: issuer,
      aud: connection.resource,
    });
  };
}
