import { setTimeout as delay } from 'node:timers/promises';
import { createRevocationList, parseRevocation, type RevocationList } from '@bkend/mcp-gateway';
import { type Clock, systemClock } from '../clock.ts';
import type { AuthorizationServer } from '../composition/index.ts';
import type { RevocationFeed } from '../connections/index.ts';

/**
 * With `DEMO`: an MCP server at the issuer's own path, so that one command shows the whole way. It is the example, not
 * a part of the library, and needs the official SDK, which production does not install: hence loaded only now.
 * Resolves with whether it is there. Not under a policy that does not name it: nobody would get a token for it.
 */
export async function mountDemonstration(server: AuthorizationServer, clock: Clock = systemClock): Promise<boolean> {
  const { app, issuer, log, revocation, resources } = server;
  if (!resources.includes(issuer)) return false;
  const example = await import('../../examples/mcp-server/demonstration-server.ts').catch(explainAbsence(log));
  if (!example) return false;
  // Never stale: it reads the store of the very server that it would have to ask otherwise.
  const revocations = createRevocationList({ maxStaleness: Number.POSITIVE_INFINITY, now: clock.now });
  await feedRevocations(revocation.feed, revocations);
  const demonstration = example.createDemonstrationServer({ issuer, resource: issuer, revocations, now: clock.now });
  // This server publishes the metadata of every resource that is here, and has answered for them before.
  const paths = new Set(demonstration.paths);

  app.use(async function serveDemonstration(ctx, next) {
    // Who opens the URL in a browser is told what it is for, and how to connect.
    const isBrowser = ctx.method === 'GET' && ctx.get('Accept').includes('text/html');
    if (!paths.has(ctx.path) || isBrowser) return next();
    // The example speaks plain node:http; Koa leaves the answer to it.
    ctx.respond = false;
    await demonstration.handle(ctx.req, ctx.res);
  });
  return true;
}

/**
 * This gateway lives in the process of its authorization server: it reads the same feed as all others, without the HTTP
 * between. Resolves when it knows everything that was revoked so far; goes on until the feed is closed.
 */
async function feedRevocations(feed: RevocationFeed, list: RevocationList): Promise<void> {
  const ready = Promise.withResolvers<void>();
  const retryMs = 500;
  let cursor: string | undefined;

  async function follow(): Promise<void> {
    for await (const batch of feed.follow(cursor, new AbortController().signal)) {
      list.accept(batch.entries.flatMap(({ entry }) => parseRevocation(entry) ?? []));
      ({ cursor } = batch);
      if (!batch.isCurrent) continue;
      list.markCurrent();
      ready.resolve();
    }
  }

  // A store that is away ends it with an error: this comes back, as the store does.
  async function followAlways(): Promise<void> {
    let isClosed = false;
    while (!isClosed)
      isClosed = await follow().then(
        () => true,
        () => delay(retryMs, false),
      );
  }

  void followAlways();
  await ready.promise;
}

/** An image without development dependencies has the accounts, and its gateway elsewhere. */
function explainAbsence(log: AuthorizationServer['log']) {
  return (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    log.info({ event: 'demonstration' }, 'the demonstration MCP server is not installed here');
    return undefined;
  };
}
