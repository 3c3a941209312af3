import type { Context } from 'koa';
import type { Connections, IsCurrent } from '../connections/index.ts';
import type { Account, Directory } from '../directory/index.ts';
import { type ReadOwnAccessToken, statedBy } from './own-access-token.ts';

interface Parts {
  readonly connections: Pick<Connections, 'find'>;
  readonly isCurrent: IsCurrent;
  readonly directory: Directory;
  readonly readOwnAccessToken: ReadOwnAccessToken;
}

/**
 * OpenID Connect Core §5.3, for our access tokens. oidc-provider 9.13 answers only for tokens without an audience, and
 * every token here has one (a gateway must be able to refuse what was not meant for it).
 */
export function createServeUserinfo(parts: Parts): (ctx: Context) => Promise<void> {
  return (ctx) => answer(ctx, parts);
}

async function answer(ctx: Context, parts: Parts) {
  ctx.set('Cache-Control', 'no-store');
  const [, token] = /^Bearer ([\w.~+/-]+=*)$/i.exec(ctx.get('Authorization')) ?? [];
  const known = token === undefined ? 'no token' : await findWhoIsMeant(token, parts);
  if (typeof known === 'string') {
    ctx.state.check = known;
    refuse(ctx, 401, token === undefined ? undefined : 'invalid_token');
  } else if (!known.granted.includes('openid')) refuse(ctx, 403, 'insufficient_scope', 'openid');
  else ctx.body = present(known);
}

interface Known {
  readonly account: Account;
  /** Identity scopes. */
  readonly granted: readonly string[];
}

/** Or which check refused, for the log (R107). */
async function findWhoIsMeant(token: string, parts: Parts): Promise<Known | string> {
  const { directory, connections } = parts;
  const claims = await parts.readOwnAccessToken(token);
  if (!claims) return 'not issued here, over, or revoked';
  const [connection, account] = await Promise.all([
    connections.find(claims.grant_id),
    directory.findAccount(claims.sub),
  ]);
  // The token may not have noticed what ended since; this endpoint does.
  if (!connection) return 'its connection has ended';
  if (!account) return 'its account is gone';
  if (!(await parts.isCurrent(statedBy(claims), connection))) return 'it says more than is allowed now';
  return { account, granted: connection.identityScopes };
}

function present({ account, granted }: Known) {
  return {
    sub: account.id,
    ...(granted.includes('profile') && { name: account.name }),
    ...(granted.includes('email') && { email: account.email }),
  };
}

/** RFC 6750 §3: a request without a token is told nothing but the scheme. */
function refuse(ctx: Context, status: number, error?: string, scope?: string) {
  ctx.status = status;
  ctx.set('WWW-Authenticate', `Bearer${error ? ` error="${error}"` : ''}${scope ? `, scope="${scope}"` : ''}`);
  ctx.body = { error: error ?? 'invalid_request' };
}
