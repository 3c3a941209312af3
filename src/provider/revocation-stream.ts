import { pipeline } from 'node:stream/promises';
import type { Context } from 'koa';
import type Provider from 'oidc-provider';
import type { Clock } from '../clock.ts';
import type { RevocationBatch, RevocationFeed, WithdrawnResource } from '../connections/index.ts';
import type { Catalogue } from '../resources/index.ts';
import { findGatewayClient } from './gateway-client.ts';

interface Parts {
  readonly issuer: string;
  readonly provider: Provider;
  readonly catalogue: Catalogue;
  readonly feed: RevocationFeed;
  /** Whose gateways may still hear that their tokens have ended. */
  readonly withdrawn: readonly WithdrawnResource[];
  readonly clock: Clock;
}

/** A reader that takes nothing for this long is gone, though its connection says nothing. */
const stalledMs = 30_000;
/** Before a client without patience of its own comes back (WHATWG HTML §9.2.6). */
const opening = 'retry: 1000\n\n';

/** The feed for gateways, as server-sent events: what to refuse from now on, and that nothing is missing by now. */
export function createServeRevocations({
  issuer,
  provider,
  catalogue,
  feed,
  withdrawn,
  clock,
}: Parts): (ctx: Context) => Promise<void> {
  const resourcesOf = createFindOwnResources(catalogue);
  const withdrawnOf = createFindWithdrawn(withdrawn, clock);
  const gateways = new Set([...catalogue.resources, ...withdrawn].flatMap(({ client }) => client ?? []));

  return async function serveRevocations(ctx) {
    // R112: a host that compresses would hold events back until its buffer is full (expressjs/compression#17).
    ctx.set('Cache-Control', 'no-store, no-transform');
    // One answer for everybody else: neither whether a client exists, nor whether it has a gateway.
    const client = await findGatewayClient(ctx, provider, gateways);
    if (!client) return refuse(ctx, 401, 'invalid_client', { 'WWW-Authenticate': `Basic realm="${issuer}"` });
    const asked = new URLSearchParams(ctx.querystring).getAll('resource');
    const resources = [...resourcesOf(client.clientId, asked), ...withdrawnOf(client.clientId, asked)];
    // RFC 8707 §2: the same words for another gateway's resource and for none.
    if (resources.length === 0) return refuse(ctx, 400, 'invalid_target', {});
    await answerStream(ctx, { feed, resources, clock });
  };
}

/**
 * What a gateway may hear of: the resources that name its client, or those of them that it asks for. With the places where
 * each was before: connections from then say the former one.
 */
function createFindOwnResources({ resources, find }: Catalogue) {
  return (clientId: string, asked: readonly string[]): string[] => {
    const meant = new Set(asked.map((uri) => find(uri)));
    return resources
      .filter((resource) => resource.client === clientId && (asked.length === 0 || meant.has(resource)))
      .flatMap(({ uri, formerly }) => [uri, ...formerly]);
  };
}

/** Not for longer than tokens for it can live; as it was spelled. */
function createFindWithdrawn(withdrawn: readonly WithdrawnResource[], clock: Clock) {
  return (clientId: string, asked: readonly string[]): string[] =>
    withdrawn
      .filter(({ client, until }) => client === clientId && until > clock.seconds())
      .map(({ uri }) => uri)
      .filter((uri) => asked.length === 0 || asked.includes(uri));
}

interface Reading {
  readonly feed: RevocationFeed;
  readonly resources: readonly string[];
  readonly clock: Clock;
}

async function answerStream(ctx: Context, { feed, resources, clock }: Reading) {
  const gone = new AbortController();
  ctx.res.once('close', () => gone.abort());
  ctx.res.setTimeout(stalledMs, () => ctx.res.destroy());
  const batches = feed.follow(ctx.get('Last-Event-ID') || undefined, gone.signal, resources);
  // Read once before anything is answered: a store that is away is a 503, not a stream that ends at once.
  const first = await batches.next();
  ctx.type = 'text/event-stream';
  // The last answer on its connection, or a server that stops would wait for the next request on it.
  ctx.set({ Connection: 'close', 'X-Accel-Buffering': 'no' });
  ctx.status = 200;
  // Written here and not by Koa (3.3), which takes every reader that leaves for a failure of ours, and prints it.
  ctx.respond = false;
  ctx.onerror = () => gone.abort();
  ctx.flushHeaders();
  // It waits for a slow reader, and ends in silence when the reader goes.
  void pipeline(presentStream(first, batches, clock), ctx.res).catch(() => gone.abort());
}

async function* presentStream(
  first: IteratorResult<RevocationBatch, void>,
  others: AsyncGenerator<RevocationBatch, void>,
  clock: Clock,
): AsyncGenerator<string, void> {
  yield opening;
  if (first.value) yield presentBatch(first.value, clock);
  try {
    for await (const batch of others) yield presentBatch(batch, clock);
  } catch {
    // The store went away: the reader has its cursor, comes back, and is told by a 503 then.
  }
}

function presentBatch({ entries, isCurrent, cursor }: RevocationBatch, clock: Clock): string {
  const now = clock.seconds();
  const events = entries
    // What cannot matter any more is in the store until the next entry comes.
    .filter(({ entry }) => JSON.parse(entry).until > now)
    .map(({ cursor, entry }) => `id: ${cursor}\nevent: revoked\ndata: ${entry}\n\n`);
  return events.join('') + (isCurrent ? presentCurrent(cursor) : '');
}

/**
 * For a reader that counts comments as life, and for one that is only shown events. With the cursor: what was left out
 * because it is another gateway's, or over, is not read again by whoever comes back.
 */
function presentCurrent(cursor: string | undefined): string {
  return `: heartbeat\n${cursor === undefined ? '' : `id: ${cursor}\n`}event: current\ndata: {}\n\n`;
}

function refuse(ctx: Context, status: number, error: string, headers: Record<string, string>) {
  ctx.status = status;
  ctx.set(headers);
  ctx.body = { error };
}
