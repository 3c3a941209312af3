import { type AdapterPayload, errors, type Provider, type TokenEndpointGrantContext } from 'oidc-provider';
import type { Lifetimes } from '../config/index.ts';
import type { Connection, Connections } from '../connections/index.ts';
import type { Catalogue, NarrowToRole } from '../resources/index.ts';
import type { StoreAdapter } from '../storage/index.ts';
import type { createIssueAccessToken } from './access-token.ts';
import type { createFindAccount } from './claims.ts';
import { issueIdToken } from './id-token.ts';
import type { Issuance, Issued } from './issuance.ts';
import { refreshTokenTtl } from './lifetimes.ts';
import { allowedScopes } from './resource-servers.ts';
import { narrowScope } from './token-request.ts';

export interface RefreshGrantParts {
  readonly catalogue: Catalogue;
  readonly narrowToRole: NarrowToRole;
  readonly issuance: Issuance;
  readonly connections: Pick<Connections, 'revoke'>;
  readonly policy: { readonly lifetimes: Lifetimes };
  readonly issueAccessToken: ReturnType<typeof createIssueAccessToken>;
  readonly findAccount: ReturnType<typeof createFindAccount>;
}

type Context = TokenEndpointGrantContext<{ refresh_token?: string; resource?: string; scope?: string }>;

/** A refresh token as it was found, with the grant that it stems from. */
interface Presented {
  readonly token: AdapterPayload & { readonly grantId: string; readonly scope: string };
  readonly grant: AdapterPayload & { readonly resources?: Readonly<Record<string, string>> };
  readonly connection: Connection | undefined;
}

/**
 * A refresh (RFC 6749 §6) of a connection, in place of oidc-provider's own: most of what this server does, so it is short,
 * and every check stands before the one step that takes the token (decision 6, R68). Requests, clients, parameters and
 * errors are the provider's, as for any grant (`registerGrantType`).
 */
export function registerRefreshGrant(provider: Provider, parts: RefreshGrantParts): void {
  const handler = (ctx: Context) => refresh(ctx, parts);
  provider.registerGrantType('refresh_token', handler, ['refresh_token', 'resource', 'scope'], 'resource');
}

async function refresh(ctx: Context, parts: RefreshGrantParts): Promise<void> {
  const presented = await findPresented(ctx);
  const { token, connection } = presented;
  if (token.consumed) {
    await parts.connections.revoke(token.grantId, 'token replayed');
    ctx.oidc.provider.emit('grant.revoked', ctx, token.grantId);
    throw new TokenReplayed();
  }
  const issued = await parts.issuance.prepare(ctx, { grantId: token.grantId, resource: token.resource, connection });
  const { permissions, meant } = findScopes(presented, issued, ctx.oidc.params.scope, parts);
  const accessToken = await parts.issueAccessToken(issued, permissions);
  const idToken = await issueIdToken(ctx, presented, meant, parts.findAccount);
  const refreshToken = await replace(ctx, token, parts.policy.lifetimes);
  ctx.body = {
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: parts.policy.lifetimes.accessToken,
    refresh_token: refreshToken,
    ...(idToken !== undefined && { id_token: idToken }),
    // R61: some clients keep a refresh token only if they read the word.
    scope: [...permissions, ...token.scope.split(' ').filter((scope) => scope === 'offline_access')].join(' '),
  };
}

/** The token, its grant and its connection, all alive and of this client. What is wrong with them is told to operators only. */
async function findPresented(ctx: Context): Promise<Presented> {
  const { client, params } = ctx.oidc;
  if (params.refresh_token === undefined) throw new errors.InvalidRequest("missing required parameter 'refresh_token'");
  // Records, not oidc-provider's models: those copy each of their members, one by one, whenever they are read and saved.
  const found = await storageOf(ctx).findWithGrant(params.refresh_token);
  if (!found) throw new errors.InvalidGrant('refresh token not found');
  const { token, grant } = found;
  if (token.clientId !== client.clientId) throw new errors.InvalidGrant('client mismatch');
  if ((token.exp ?? 0) <= epochSeconds()) throw new errors.InvalidGrant('refresh token is expired');
  if (!grant) throw new errors.InvalidGrant('grant not found');
  if (grant.clientId !== client.clientId) throw new errors.InvalidGrant('client mismatch');
  if (grant.accountId !== token.accountId) throw new errors.InvalidGrant('accountId mismatch');
  return found as Presented;
}

function storageOf(ctx: Context): StoreAdapter {
  return ctx.oidc.provider.RefreshToken.adapter as StoreAdapter;
}

/** Never more than was approved, than the connection has, and than the role allows today (decision 9). */
function findScopes({ token, grant }: Presented, issued: Issued, asked: string | undefined, parts: RefreshGrantParts) {
  const uri = issued.connection.resource;
  const resource = parts.catalogue.find(uri);
  if (!resource) throw new errors.InvalidTarget('its resource is served no more');
  const meant = narrowScope(asked, token.scope.split(' '), resource);
  const granted = (grant.resources?.[uri] ?? '').split(' ');
  const isGranted = (scope: string) => meant.includes(scope) && granted.includes(scope);
  return { permissions: allowedScopes(resource, issued, parts.narrowToRole).filter(isGranted), meant };
}

/** The next token is the last one but for its time: what it was issued for does not change (R72). */
function replace(ctx: Context, token: Presented['token'], lifetimes: Lifetimes): Promise<string> {
  const { gty = '', rotations = 0 } = token;
  const lifetime = refreshTokenTtl(lifetimes, token);
  const iat = epochSeconds();
  const next = {
    ...token,
    iat,
    exp: iat + lifetime,
    rotations: rotations + 1,
    gty: gty.endsWith('refresh_token') ? gty : `${gty} refresh_token`,
  };
  return storageOf(ctx).replace(token, next, lifetime);
}

/** Tells a client what that did, and what to do now (R67); oidc-provider has one sentence for everything. */
class TokenReplayed extends errors.InvalidGrant {
  override error_description = 'grant revoked - restart authorization';

  constructor() {
    super('refresh token already used');
  }
}

function epochSeconds() {
  return Math.floor(Date.now() / 1000);
}
