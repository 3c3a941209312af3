import type { JWTPayload } from 'jose';
import { GatewayError } from './gateway-error.ts';
import { isScope } from './vocabulary/index.ts';

/** Who is behind a request, and for which organization. A type alias, so that it fits where any record is wanted. */
export type IdentityClaims = {
  /** The person (`sub`). */
  readonly accountId: string;
  readonly organizationId: string;
  readonly organizationSlug: string;
  readonly organizationRole: string;
  /** One approval: this person, this installation of the client, this organization (`grant_id`). */
  readonly connectionId: string;
  /** This very token (`jti`). */
  readonly tokenId: string;
};

/** A verified access token. It has the shape of the MCP SDK's `AuthInfo`, so it can be handed to a transport as it is. */
export interface Identity extends IdentityClaims {
  token: string;
  clientId: string;
  scopes: string[];
  /** Seconds since the epoch, as the next one. */
  issuedAt: number;
  expiresAt: number;
  resource: URL;
  /** The SDK builds its own challenges from this one. */
  resourceMetadataUrl: string;
  /** All that the token says, for claims of the authorization server's own (`claimsFor` of its directory). */
  claims: Record<string, unknown>;
  /** The claims again, where the SDK's types have a place for them: `extra.authInfo.extra.accountId`. */
  extra: IdentityClaims;
  /** Of who calls what is open, without a token (`Nobody`). */
  isNobody?: never;
}

/** RFC 9068 §2.2 and the organization: a token without one of them is no token of this kind, and would be no one's. */
export const REQUIRED_CLAIMS = [
  'exp',
  'iat',
  'aud',
  'sub',
  'jti',
  'client_id',
  'grant_id',
  'org_id',
  'org_slug',
  'org_role',
];

export function identityClaims(claims: JWTPayload): IdentityClaims {
  return {
    accountId: textOf(claims, 'sub'),
    organizationId: textOf(claims, 'org_id'),
    organizationSlug: textOf(claims, 'org_slug'),
    organizationRole: textOf(claims, 'org_role'),
    connectionId: textOf(claims, 'grant_id'),
    tokenId: textOf(claims, 'jti'),
  };
}

export function textOf(claims: JWTPayload, name: string): string {
  const value = claims[name];
  // An empty organization must not become the key under which a handler looks something up.
  if (typeof value !== 'string' || value === '') throw new GatewayError('TOKEN_INVALID', `"${name}" is not a text`);
  return value;
}

/** RFC 8693 §4.2: one text, parted by blanks; absent means none. */
export function scopesOf({ scope = '' }: JWTPayload): string[] {
  if (typeof scope !== 'string') throw new GatewayError('TOKEN_INVALID', '"scope" is not a text');
  return scope.split(' ').filter(isScope);
}

/**
 * The identity that the middleware left on the request. Throws when the middleware did not run, so that a route
 * which was forgotten fails loudly instead of serving everyone; and when what was called is open and came without a token.
 *
 * @example
 * app.get('/projects', (req, res) => res.json(projectsOf(identityOf(req).organizationId)));
 */
export function identityOf(req: object): Identity {
  const identity = findIdentity(req);
  if (identity === undefined) throw new GatewayError('IDENTITY_MISSING', 'This request came without a token');
  return identity;
}

/** The same for what is open: nothing when the request came without a token. */
export function findIdentity(req: object): Identity | undefined {
  if (!('auth' in req)) throw new GatewayError('IDENTITY_MISSING', 'This request did not pass protectResource');
  return req.auth as Identity | undefined;
}
