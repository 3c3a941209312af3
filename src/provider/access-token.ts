import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Connection } from '../connections/index.ts';
import type { Directory } from '../directory/index.ts';
import { createSignJwt, type SigningKeys } from '../keys/index.ts';
import type { Issued } from './issuance.ts';

interface Parts {
  readonly issuer: string;
  readonly signing: SigningKeys;
  /** Seconds. */
  readonly accessTokenTtl: number;
  readonly directory: Pick<Directory, 'claimsFor'>;
  /** What a token says about the sign-in. */
  readonly policy: { readonly signIn: { readonly tokenClaims: readonly TokenClaim[] } };
  readonly clock: Clock;
}

export type IssueAccessToken = (issued: Issued, scopes: readonly string[]) => Promise<string>;

/**
 * The one way in which an access token (RFC 9068) is made: for a connection, whatever it was asked for with. It says for
 * which organization, in which role and by which connection. An empty `scope` is said (R81): without the claim a gateway
 * could read "not restricted".
 */
export function createIssueAccessToken({
  issuer,
  signing,
  accessTokenTtl,
  directory,
  policy,
  clock,
}: Parts): IssueAccessToken {
  const sign = createSignJwt(signing.jwks.keys[0] ?? {}, 'at+jwt');

  return async ({ connection, membership, resource }, scopes) => {
    // R113: of the host's directory, below ours.
    const own = await directory.claimsFor?.(connection.accountId, membership.organization.id);
    const iat = clock.seconds();
    return sign({
      ...own,
      org_id: membership.organization.id,
      org_slug: membership.organization.slug,
      org_role: membership.role,
      grant_id: connection.id,
      jti: randomUUID(),
      sub: connection.accountId,
      iat,
      exp: iat + accessTokenTtl,
      scope: scopes.join(' '),
      client_id: connection.clientId,
      iss: issuer,
      aud: resource.uri,
      ...describeSignIn(connection, policy.signIn.tokenClaims),
    });
  };
}

type TokenClaim = 'amr' | 'acr' | 'auth_time';

/** RFC 9068 §2.2.1, as it was when the connection was approved: a renewal is no sign-in. */
function describeSignIn({ signIn }: Connection, names: readonly TokenClaim[]): Partial<Record<TokenClaim, unknown>> {
  if (!signIn || names.length === 0) return {};
  const known = { amr: signIn.amr.length > 0 ? signIn.amr : undefined, acr: signIn.acr, auth_time: signIn.at };
  return Object.fromEntries(names.flatMap((name) => (known[name] === undefined ? [] : [[name, known[name]]])));
}
