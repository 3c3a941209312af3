import type { PresentedRefreshToken, RefreshLines, RenewalOrigin } from '../adapter/index.ts';
import type { Clock } from '../clock.ts';
import type { Connections } from '../connections/index.ts';
import { type ClientAddress, networksOf } from '../http/index.ts';
import { memoize } from '../memoize.ts';
import type { Vault } from '../storage/index.ts';
import { TokenReused } from './invalid-grant.ts';
import type { GrantContext } from './issuance.ts';

export interface OriginParts {
  readonly clientAddress: ClientAddress;
  readonly vault: Pick<Vault, 'hash'>;
  readonly clock: Clock;
}

export type OriginOf = (ctx: GrantContext) => RenewalOrigin;

export interface RenewalOriginParts {
  readonly originOf: OriginOf;
  readonly lines: Pick<RefreshLines, 'move'>;
  readonly connections: Pick<Connections, 'end'>;
  readonly onRenewedElsewhere: (what: Renewed & { readonly changed: 'network' | 'agent' | 'both' }) => void;
  readonly onAlternation: (what: Renewed) => void;
  readonly accessTokenTtl: number;
  readonly policy: { readonly alternatingRenewals: 'report' | 'revoke' };
}

interface Renewed {
  readonly client: string;
  readonly account: string;
  readonly connection: string;
}

/** The last ones of a line: here, there, here again and there again. */
const kept = 4;
/** Whoever keeps in step renews about as often as access tokens end; people who go to work and home take longer. */
const lifetimesWatched = 4;

/**
 * Hashed with a key: where somebody was is nobody's business, only whether it is the same. Tools renew from where they
 * renewed before, and there are few of them: most hashes were made already.
 */
export function createOriginOf({ clientAddress, vault, clock }: OriginParts): OriginOf {
  const network = memoize((near) => vault.hash('renewal network', near).slice(0, 8));
  const agent = memoize((name) => vault.hash('renewal agent', name).slice(0, 8));
  return (ctx) => ({
    network: network(networksOf(clientAddress(ctx)).near),
    agent: agent(ctx.get('User-Agent').slice(0, 300)),
    since: clock.seconds(),
  });
}

/**
 * A thief who renews in step with the tool replays nothing (RFC 9700 §4.14.2 does not see it), but comes from elsewhere. A
 * renewal from another network or program than the last is an event; two that take turns are a warning, and by setting the
 * end of the connection. Costs a command of the store where something is new, and none else.
 */
export async function noteRenewal(
  ctx: GrantContext,
  presented: PresentedRefreshToken,
  parts: RenewalOriginParts,
): Promise<void> {
  const { origins, source, name } = presented;
  const now = parts.originOf(ctx);
  const [last] = origins;
  if (last && isSame(last, now)) return;
  const trail = [now, ...origins].slice(0, kept);
  // Of several at once from elsewhere one tells.
  const isFirst = await parts.lines.move(presented, trail);
  if (!last || !isFirst) return;
  const { clientId: client, accountId: account } = source;
  const what = { client, account, connection: name.connectionId };
  parts.onRenewedElsewhere({ ...what, changed: whatChanged(last, now) });
  if (!takeTurns(trail, parts.accessTokenTtl * lifetimesWatched)) return;
  parts.onAlternation(what);
  if (parts.policy.alternatingRenewals === 'report') return;
  await parts.connections.end(name.connectionId, 'renewed from two places');
  ctx.oidc.provider.emit('grant.revoked', ctx, name.connectionId);
  throw new TokenReused('renewed from two places in turn');
}

function isSame(one: RenewalOrigin, other: RenewalOrigin): boolean {
  return one.network === other.network && one.agent === other.agent;
}

function whatChanged(last: RenewalOrigin, now: RenewalOrigin): 'network' | 'agent' | 'both' {
  if (last.network === now.network) return 'agent';
  return last.agent === now.agent ? 'network' : 'both';
}

/** Newest first. The oldest of the four may be where the line has been for long. */
function takeTurns([now, before, here, there]: readonly RenewalOrigin[], withinSeconds: number): boolean {
  if (!now || !before || !here || !there) return false;
  return isSame(now, here) && isSame(before, there) && now.since - here.since <= withinSeconds;
}
