import { pipeline } from 'node:stream/promises';
import type { Context } from 'koa';
import type Provider from 'oidc-provider';
import type { Clock } from '../clock.ts';
import type { RevocationBatch, RevocationFeed } from '../connections/index.ts';
import type { Catalogue } from '../resources/index.ts';
import { findGatewayClient } from './gateway-client.ts';

interface Parts {
  readonly issuer: string;
  readonly provider: Provider;
  readonly catalogue: Catalogue;
  readonly feed: RevocationFeed;
  readonly clock: Clock;
}

/** A reader that takes nothing for this long is gone, though its connection says nothing. */
const stalledMs = 30_000;
/** Before a client without patience of its own comes back (WHATWG HTML §9.2.6). */
const opening = 'retry: 1000\n\n';
/** For a reader that counts comments as life, and for one that is only shown events. */
const currentEvent = ': heartbeat\nevent: current\ndata: {}\n\n';

/** The feed for gateways, as server-sent events: what to refuse from now on, and that nothing is missing by now. */
export function createServeRevocations({
  issuer,
  provider,
  catalogue,
  feed,
  clock,
}: Parts): (ctx: Context) => Promise<void> {
  const gateways = new Set(catalogue.resources.flatMap(({ client }) => client ?? []));

  return async function serveRevocations(ctx) {
    // R112: a host that compresses would hold events back until its buffer is full (expressjs/compression#17).
    ctx.set('Cache-Control', 'no-store, no-transform');
    // One answer for everybody else: neither whether a client exists, nor whether it has a gateway.
    if (!(await findGatewayClient(ctx, provider, gateways))) {
      return refuse(ctx, 401, 'invalid_client', { 'WWW-Authenticate': `Basic realm="${issuer}"` });
    }
    await answerStream(ctx, feed, clock);
  };
}

async function answerStream(ctx: Context, feed: RevocationFeed, clock: Clock) {
  const gone = new AbortController();
  ctx.res.once('close', () => gone.abort());
  ctx.res.setTimeout(stalledMs, () => ctx.res.destroy());
  const batches = feed.follow(ctx.get('Last-Event-ID') || undefined, gone.signal);
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

function presentBatch({ entries, isCurrent }: RevocationBatch, clock: Clock): string {
  const now = clock.seconds();
  const events = entries
    // What cannot matter any more is in the store until the next entry comes.
    .filter(({ entry }) => JSON.parse(entry).until > now)
    .map(({ cursor, entry }) => `id: ${cursor}\nevent: revoked\ndata: ${entry}\n\n`);
  return events.join('') + (isCurrent ? currentEvent : '');
}

function refuse(ctx: Context, status: number, error: string, headers: Record<string, string>) {
  ctx.status = status;
  ctx.set(headers);
  ctx.body = { error };
}
