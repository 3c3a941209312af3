import { type JWTPayload, jwtVerify } from 'jose';
import type { Clock } from '../clock.ts';
import type { Revocations, StatedByToken } from '../connections/index.ts';
import { createOwnKeySet, type SigningKeys } from '../keys/index.ts';
import type { Catalogue } from '../resources/index.ts';

/** The claims of an access token of ours that is valid right now and was not revoked by itself; nothing for anything else. */
export type ReadOwnAccessToken = (token: string) => Promise<OwnAccessToken | undefined>;

export interface OwnAccessToken extends JWTPayload {
  readonly sub: string;
  readonly jti: string;
  readonly exp: number;
  readonly client_id: string;
  readonly grant_id: string;
  readonly org_id?: string;
  readonly scope?: string;
}

/** oidc-provider does not store JWT access tokens, so it cannot read them; we signed them, so we can. */
export function createReadOwnAccessToken({
  issuer,
  signing,
  catalogue,
  revocations,
  clock,
}: {
  issuer: string;
  signing: SigningKeys;
  catalogue: Catalogue;
  revocations: Pick<Revocations, 'isTokenRevoked'>;
  clock: Clock;
}): ReadOwnAccessToken {
  const keys = createOwnKeySet(signing);
  // One that was issued before its resource moved counts until it expires.
  const audience = catalogue.resources.flatMap(({ uri, formerly }) => [uri, ...formerly]);
  const requiredClaims = ['sub', 'jti', 'exp', 'client_id', 'grant_id'];
  return async (token) => {
    const currentDate = new Date(clock.now());
    const options = { issuer, audience, typ: 'at+jwt', requiredClaims, currentDate };
    const verified = await jwtVerify<OwnAccessToken>(token, keys, options).catch(() => undefined);
    if (!verified || (await revocations.isTokenRevoked(verified.payload.jti))) return undefined;
    return verified.payload;
  };
}

/** What of it may have changed since it was issued. */
export function statedBy(claims: OwnAccessToken): StatedByToken {
  const { sub, grant_id: connectionId, org_id: organizationId = '', org_role: organizationRole, scope = '' } = claims;
  return {
    connectionId,
    accountId: sub,
    organizationId,
    organizationRole: String(organizationRole),
    scopes: scope.split(' ').filter(Boolean),
  };
}
