import { errors, type TokenEndpointGrantContext } from 'oidc-provider';
import type { RefreshGrantSource } from '../adapter/index.ts';
import type { Connection, Connections } from '../connections/index.ts';
import type { Membership } from '../directory/index.ts';
import type { Catalogue, KnowsRole, NarrowToRole, Resource } from '../resources/index.ts';
import type { IssueAccessToken } from './access-token.ts';
import { type IdTokenParts, issueIdToken } from './id-token.ts';
import { InvalidGrant } from './invalid-grant.ts';
import type { Memberships } from './memberships.ts';
import { UnknownRole } from './unknown-role.ts';

/** For whom a token is issued, as true now as the directory says: not as true as it was when the person approved. */
export interface Issued {
  readonly connection: Connection;
  readonly membership: Membership;
  /** As the catalogue has it now: it may have moved since. */
  readonly resource: Resource;
}

export type GrantContext = TokenEndpointGrantContext<Record<string, string | undefined>>;

interface IssuanceParts extends IdTokenParts {
  readonly catalogue: Catalogue;
  readonly narrowToRole: NarrowToRole;
  readonly knowsRole: KnowsRole;
  readonly onUnknownRole: (role: string, organization: string, client: string) => void;
  readonly connections: Pick<Connections, 'end'>;
  readonly memberships: Pick<Memberships, 'find'>;
  readonly issueAccessToken: IssueAccessToken;
  readonly accessTokenTtl: number;
}

/** What both grants do: check everything that can be wrong, then sign what the client gets, before anything is taken. */
export interface Issuance {
  /** Throws what a client is told. The connection ends when its person is no longer a member (R72), or its resource is gone. */
  check(ctx: GrantContext, source: Source, connection: Connection | undefined): Promise<Issued>;
  /** All of the answer but the refresh token. */
  sign(ctx: GrantContext, source: Source, issued: Issued, scopes: readonly string[]): Promise<SignedTokens>;
}

/** What a code or a refresh token was issued for. */
export type Source = Omit<RefreshGrantSource, 'iiat'>;

interface SignedTokens {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly id_token?: string;
  readonly scope: string;
}

export function createIssuance(parts: IssuanceParts): Issuance {
  const { catalogue, narrowToRole, connections, memberships } = parts;

  /**
   * The grant first, then the request (R99): on `invalid_target` a tool would ask for the same again and again; this lets it
   * begin anew.
   */
  async function findServed(source: Source, connection: Connection): Promise<Resource> {
    const resource = catalogue.find(source.resource);
    if (resource) return resource;
    await connections.end(connection.id, 'resource withdrawn');
    throw new InvalidGrant('its resource is served no more');
  }

  async function findMembership(connection: Connection): Promise<Membership> {
    const membership = await memberships.find(connection);
    if (membership) {
      const { role, organization } = membership;
      if (parts.knowsRole(role)) return membership;
      parts.onUnknownRole(role, organization.id, connection.clientId);
      throw new UnknownRole();
    }
    await connections.end(connection.id, 'membership ended');
    throw new InvalidGrant('the account is no longer a member of the organization');
  }

  return {
    async check(ctx, source, connection) {
      if (!connection) throw new InvalidGrant('connection not found');
      if (connection.clientId !== ctx.oidc.client.clientId) throw new InvalidGrant('client mismatch');
      if (connection.accountId !== source.accountId) throw new InvalidGrant('accountId mismatch');
      const resource = await findServed(source, connection);
      checkResource(ctx, catalogue, resource);
      const membership = await findMembership(connection);
      ctx.state.connection = connection.id;
      return { connection, membership, resource };
    },

    async sign(ctx, source, issued, scopes) {
      // Never more than was approved, than the connection has, and than the role allows today.
      const permissions = allowedScopes(issued, narrowToRole).filter((scope) => scopes.includes(scope));
      const [accessToken, idToken] = await Promise.all([
        parts.issueAccessToken(issued, permissions),
        issueIdToken(ctx, { source, connection: issued.connection }, scopes, parts),
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

/** What the connection has of a resource, as far as the role allows it today, in the order of the catalogue. */
function allowedScopes({ resource, connection, membership }: Issued, narrowToRole: NarrowToRole) {
  const names = resource.scopes.map(({ name }) => name).filter((scope) => connection.scopes.includes(scope));
  return narrowToRole(membership.role, names);
}

/** RFC 8707 §2.2: a token request may name the resource of the grant, by whatever URL means it (R93), and no other. */
function checkResource({ oidc }: GrantContext, catalogue: Catalogue, granted: Resource): void {
  const asked = [oidc.params.resource ?? []].flat();
  if (asked.some((uri) => catalogue.find(uri) !== granted)) throw new errors.InvalidTarget();
}
