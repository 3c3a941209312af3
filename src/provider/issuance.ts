import { errors, type TokenEndpointGrantContext } from 'oidc-provider';
import type { RefreshGrantSource } from '../adapter/index.ts';
import type { Connection, Connections } from '../connections/index.ts';
import type { Membership } from '../directory/index.ts';
import type { Catalogue, NarrowToRole, Resource } from '../resources/index.ts';
import type { IssueAccessToken } from './access-token.ts';
import type { createFindAccount } from './claims.ts';
import { issueIdToken } from './id-token.ts';
import { InvalidGrant } from './invalid-grant.ts';
import type { Memberships } from './memberships.ts';

/** For whom a token is issued, as true now as the directory says: not as true as it was when the person approved. */
export interface Issued {
  readonly connection: Connection;
  readonly membership: Membership;
}

export type GrantContext = TokenEndpointGrantContext<Record<string, string | undefined>>;

export interface IssuanceParts {
  readonly catalogue: Catalogue;
  readonly narrowToRole: NarrowToRole;
  readonly connections: Pick<Connections, 'end'>;
  readonly memberships: Pick<Memberships, 'find'>;
  readonly issueAccessToken: IssueAccessToken;
  readonly findAccount: ReturnType<typeof createFindAccount>;
  readonly accessTokenTtl: number;
}

/** What both grants do: check everything that can be wrong, then sign what the client gets, before anything is taken. */
export interface Issuance {
  /** Throws what a client is told. The connection ends when its person is no longer a member (R72). */
  check(ctx: GrantContext, source: Source, connection: Connection | undefined): Promise<Issued>;
  /** All of the answer but the refresh token. */
  sign(ctx: GrantContext, source: Source, issued: Issued, scopes: readonly string[]): Promise<SignedTokens>;
}

/** What a code or a refresh token was issued for. */
export type Source = Omit<RefreshGrantSource, 'iiat'>;

export interface SignedTokens {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly id_token?: string;
  readonly scope: string;
}

export function createIssuance(parts: IssuanceParts): Issuance {
  const { catalogue, connections, memberships } = parts;

  async function findIssued(connection: Connection): Promise<Issued> {
    const membership = await memberships.find(connection);
    if (membership) return { connection, membership };
    await connections.end(connection.id, 'membership ended');
    throw new InvalidGrant('the account is no longer a member of the organization');
  }

  return {
    async check(ctx, source, connection) {
      if (!connection) throw new InvalidGrant('connection not found');
      if (connection.clientId !== ctx.oidc.client.clientId) throw new InvalidGrant('client mismatch');
      if (connection.accountId !== source.accountId) throw new InvalidGrant('accountId mismatch');
      checkResource(ctx, catalogue, source.resource);
      const issued = await findIssued(connection);
      ctx.state.connection = connection.id;
      return issued;
    },

    async sign(ctx, source, issued, scopes) {
      const permissions = permittedScopes(source, issued, scopes, parts);
      const [accessToken, idToken] = await Promise.all([
        parts.issueAccessToken(issued, permissions),
        issueIdToken(ctx, { source, connection: issued.connection }, scopes, parts.findAccount),
      ]);
      return {
        access_token: accessToken,
        token_type: 'Bearer',
        expires_in: parts.accessTokenTtl,
        ...(idToken !== undefined && { id_token: idToken }),
        scope: permissions.join(' '),
      };
    },
  };
}

/** Never more than was approved, than the connection has, and than the role allows today (decision 9). */
function permittedScopes(
  { resource: uri }: Source,
  issued: Issued,
  scopes: readonly string[],
  { catalogue, narrowToRole }: IssuanceParts,
): string[] {
  const resource = catalogue.find(uri);
  if (!resource) throw new errors.InvalidTarget('its resource is served no more');
  return allowedScopes(resource, issued, narrowToRole).filter((scope) => scopes.includes(scope));
}

/** What the connection has of a resource, as far as the role allows it today, in the order of the catalogue. */
function allowedScopes({ scopes }: Resource, { connection, membership }: Issued, narrowToRole: NarrowToRole) {
  const names = scopes.map(({ name }) => name).filter((scope) => connection.scopes.includes(scope));
  return narrowToRole(membership.role, names);
}

/** RFC 8707 §2.2: a token request may name the resource of the grant, in any spelling (R41), and no other. */
function checkResource({ oidc }: GrantContext, catalogue: Catalogue, granted: string): void {
  const asked = [oidc.params.resource ?? []].flat();
  if (asked.some((uri) => uri !== granted && catalogue.find(uri)?.uri !== granted)) throw new errors.InvalidTarget();
}
