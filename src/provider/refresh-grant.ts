import { errors, type Provider } from 'oidc-provider';
import type { PresentedRefreshToken, RefreshLines, Registrations } from '../adapter/index.ts';
import type { Clock } from '../clock.ts';
import type { Lifetimes } from '../config/index.ts';
import type { Connections } from '../connections/index.ts';
import { tooMany } from '../http/index.ts';
import { namedScope } from './code-grant.ts';
import { InvalidGrant, TokenReused } from './invalid-grant.ts';
import type { GrantContext, Issuance } from './issuance.ts';
import { refreshTokenTtl } from './lifetimes.ts';
import { noteRenewal, type RenewalOriginParts } from './renewal-origins.ts';
import { narrowScope, readScope } from './token-request.ts';

export interface RefreshGrantParts extends RenewalOriginParts {
  readonly lines: RefreshLines;
  readonly clock: Clock;
  readonly issuance: Issuance;
  readonly connections: Pick<Connections, 'end' | 'touch'>;
  readonly registrations: Pick<Registrations, 'renew'>;
  readonly policy: RenewalOriginParts['policy'] & {
    readonly lifetimes: Lifetimes;
    readonly refreshTokenReuse: 'revoke' | 'refuse';
  };
}

/**
 * A refresh (RFC 6749 §6) of a connection, in place of oidc-provider's own: most of what this server does, so it is short,
 * and every check stands before the one step that moves the line on (R68). Requests, clients, parameters and
 * errors are the provider's, as for any grant (`registerGrantType`). What the stock grant does and this one does not:
 * README.md.
 */
export function registerRefreshGrant(provider: Provider, parts: RefreshGrantParts): void {
  const handler = (ctx: GrantContext) => refresh(ctx, parts);
  provider.registerGrantType('refresh_token', handler as never, ['refresh_token', 'resource'], 'resource');
}

async function refresh(ctx: GrantContext, parts: RefreshGrantParts): Promise<void> {
  const presented = await findPresented(ctx, parts);
  const { source, connection } = presented;
  // One that was used already: whether that is forgiven the store says, which writes nothing for it.
  const isNewest = presented.name.generation >= presented.progress.generation;
  const newest = isNewest ? undefined : await renew(ctx, presented, parts);
  const granted = source.scope.split(' ');
  const issued = await parts.issuance.check(ctx, source, connection);
  const scopes = narrowScope(readScope(ctx), granted, issued.resource);
  const signed = await parts.issuance.sign(ctx, source, issued, scopes);
  await parts.connections.touch(issued.connection, parts.clock.seconds());
  const refreshToken = newest ?? (await renew(ctx, presented, parts));
  await noteRenewal(ctx, presented, parts);
  await parts.registrations.renew(source.clientId, presented.progress.reachedAt);
  ctx.body = { ...signed, refresh_token: refreshToken, scope: namedScope(signed.scope, granted, true) };
}

/** Genuine, and of this client. What is wrong with it is told to operators only. */
async function findPresented(ctx: GrantContext, { lines }: RefreshGrantParts): Promise<PresentedRefreshToken> {
  const { client, params } = ctx.oidc;
  if (params.refresh_token === undefined) throw new errors.InvalidRequest("missing required parameter 'refresh_token'");
  const presented = await lines.find(params.refresh_token);
  if (!presented) throw new InvalidGrant(await lines.explain(params.refresh_token));
  if (presented.source.clientId !== client.clientId) throw new InvalidGrant('client mismatch');
  if (!presented.connection) throw new InvalidGrant('connection not found: ended or expired');
  return presented;
}

async function renew(ctx: GrantContext, presented: PresentedRefreshToken, parts: RefreshGrantParts): Promise<string> {
  const { lifetimes, refreshTokenReuse } = parts.policy;
  const { source, name } = presented;
  const now = parts.clock.seconds();
  const result = await parts.lines.renew(presented, refreshTokenTtl(lifetimes, source, now));
  if (result === 'gone') throw new InvalidGrant('refresh token not found: ended meanwhile');
  if (typeof result === 'object') throw tooMany(ctx, result.secondsLeft, 'this connection was renewed too often');
  if (result !== 'stale') return result;
  if (refreshTokenReuse === 'refuse') throw new InvalidGrant('refresh token already used');
  await parts.connections.end(name.connectionId, 'token replayed');
  ctx.oidc.provider.emit('grant.revoked', ctx, name.connectionId);
  throw new TokenReused('refresh token already used');
}
