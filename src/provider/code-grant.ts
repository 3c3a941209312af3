import { hash } from 'node:crypto';
import { type AdapterPayload, errors, type Provider } from 'oidc-provider';
import type { AuthorizationCodes, PresentedCode, RefreshGrantSource, RefreshLines } from '../adapter/index.ts';
import type { Clock } from '../clock.ts';
import type { Lifetimes } from '../config/index.ts';
import type { Connection, Connections } from '../connections/index.ts';
import { isSameSecret } from '../same-secret.ts';
import { AnswerLost, InvalidGrant, TokenReused } from './invalid-grant.ts';
import type { GrantContext, Issuance } from './issuance.ts';
import { refreshTokenTtl } from './lifetimes.ts';
import type { OriginOf } from './renewal-origins.ts';

export interface CodeGrantParts {
  readonly originOf: OriginOf;
  readonly clock: Clock;
  readonly codes: AuthorizationCodes;
  readonly lines: Pick<RefreshLines, 'create'>;
  readonly issuance: Issuance;
  readonly connections: Pick<Connections, 'end'>;
  readonly policy: { readonly lifetimes: Lifetimes };
}

/** Of so many that change one connection at once one succeeds each round: as many attempts are enough for all of them. */
const maxAttempts = 10;
/** They are remembered to be removed with the connection, without which none of them is accepted. */
const mostLines = 50;

/**
 * The redemption of a code (RFC 6749 §4.1.3) in place of oidc-provider's own, so that taking the code and keeping the
 * first refresh token are one step of the store, after everything that can be wrong was checked. Requests, clients,
 * parameters and errors are the provider's, as for any grant (`registerGrantType`). What the stock grant does and this one
 * does not: README.md.
 */
export function registerCodeGrant(provider: Provider, parts: CodeGrantParts): void {
  const parameters = ['code', 'code_verifier', 'redirect_uri', 'resource'];
  const handler = async (ctx: GrantContext) => {
    ctx.body = await redeem(ctx, parts, maxAttempts);
  };
  provider.registerGrantType('authorization_code', handler as never, parameters, 'resource');
}

async function redeem(ctx: GrantContext, parts: CodeGrantParts, attempts: number): Promise<object> {
  const presented = await findPresented(ctx, parts);
  const { payload, connection } = presented;
  const source = sourceOf(payload);
  const issued = await parts.issuance.check(ctx, source, connection?.value);
  const scopes = source.scope.split(' ');
  const signed = await parts.issuance.sign(ctx, source, issued, scopes);
  const { lifetimes } = parts.policy;
  const iiat = parts.clock.seconds();
  const isRenewable = ctx.oidc.client.grantTypeAllowed('refresh_token');
  const line = isRenewable
    ? parts.lines.create(issued.connection.id, { ...source, iiat }, [parts.originOf(ctx)])
    : undefined;
  const result = await parts.codes.redeem({
    presented,
    connection: usedNow(issued.connection, line?.id, iiat),
    line,
    ttlSeconds: isRenewable ? refreshTokenTtl(lifetimes, { iiat }, iiat) : lifetimes.accessToken,
  });
  if (result === 'changed' && attempts > 1) return redeem(ctx, parts, attempts - 1);
  if (result !== 'redeemed') throw await refusal(ctx, result, issued.connection.id, parts);
  return { ...signed, ...(line && { refresh_token: line.token }), scope: namedScope(signed.scope, scopes, line) };
}

/** Whoever comes second ends the connection, be it a moment later: the code is in two hands (RFC 6749 §4.1.2). */
async function refusal(
  ctx: GrantContext,
  result: 'gone' | 'redeemed before' | 'unanswered' | 'changed',
  connectionId: string,
  { connections }: CodeGrantParts,
): Promise<Error> {
  if (result === 'gone') return new InvalidGrant('authorization code not found');
  if (result === 'changed') return new InvalidGrant('its connection changed again and again meanwhile');
  await connections.end(connectionId, result === 'unanswered' ? 'answer lost' : 'token replayed');
  ctx.oidc.provider.emit('grant.revoked', ctx, connectionId);
  return result === 'unanswered' ? new AnswerLost() : new TokenReused('authorization code already consumed');
}

/** R61: some clients keep a refresh token only if they read the word. */
export function namedScope(permitted: string, scopes: readonly string[], isRenewable: unknown): string {
  const isOffline = Boolean(isRenewable) && scopes.includes('offline_access');
  return isOffline ? [permitted, 'offline_access'].filter(Boolean).join(' ') : permitted;
}

/** Everything but whether it was redeemed before. What is wrong with it is told to operators only. */
async function findPresented(ctx: GrantContext, { codes }: CodeGrantParts): Promise<PresentedCode> {
  const { client, params } = ctx.oidc;
  if (params.code === undefined) throw new errors.InvalidRequest("missing required parameter 'code'");
  const presented = await codes.find(params.code);
  if (!presented) throw new InvalidGrant('authorization code not found');
  const { payload } = presented;
  if (payload.clientId !== client.clientId) throw new InvalidGrant('client mismatch');
  checkVerifier(params.code_verifier, payload);
  // OAuth 2.1 §10.2: it may be left out; what is sent is compared (RFC 6749 §4.1.3).
  if (params.redirect_uri !== undefined && params.redirect_uri !== payload.redirectUri) {
    throw new InvalidGrant('authorization code redirect_uri mismatch');
  }
  return presented;
}

/** RFC 7636 §4.6. Every code has a challenge: none is issued without. */
function checkVerifier(verifier: string | undefined, { codeChallenge = '' }: AdapterPayload): void {
  if (verifier === undefined) throw new InvalidGrant('code_verifier must be provided');
  // RFC 7636 §4.1.
  if (!/^[\w.~-]{43,128}$/.test(verifier)) {
    throw new errors.InvalidRequest('code_verifier must be 43 to 128 characters of A-Z a-z 0-9 - . _ ~');
  }
  if (!isSameSecret(hash('sha256', verifier, 'base64url'), codeChallenge))
    throw new InvalidGrant('code_verifier does not match code_challenge');
}

function sourceOf(payload: AdapterPayload): Omit<RefreshGrantSource, 'iiat'> {
  const { clientId = '', accountId = '', scope = '', claims, nonce, acr, amr, authTime, sid } = payload;
  const [resource = ''] = [payload.resource ?? []].flat();
  return { clientId, accountId, resource, scope, claims: claims as never, nonce, acr, amr, authTime, sid };
}

function usedNow(connection: Connection, lineId: string | undefined, at: number): Connection {
  const { pending: _redeemed, ...rest } = connection;
  const lines = lineId === undefined ? connection.lines : [...connection.lines.slice(1 - mostLines), lineId];
  return { ...rest, lines, lastUsedAt: Math.max(connection.lastUsedAt, at) };
}
