import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { FeedNotifier } from '../../src/connections/feed-notifier.ts';
import { createRevocationFeed, type RevocationFeed } from '../../src/connections/index.ts';
import type { Store } from '../../src/storage/index.ts';
import { createRedisStore } from '../../src/storage/redis/index.ts';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { startRedis } from '../support/redis.ts';
import { shared } from '../support/shared.ts';
import { connectionsOver, names } from './a-connection.ts';

/** Longer than any test: whatever is told is told because it happened, and not because it was time for a sign of life. */
const silenceMs = 24 * 60 * 60 * 1000;

const redis = shared(startRedis);

const onRedis = () => createRedisStore({ connection: { kind: 'single', url: redis.url } });

const twice = (store: Store): [Store, Store] => [store, store];

/** Waits for what comes after everything that is known. */
async function nextOf(batches: ReturnType<RevocationFeed['follow']>): Promise<string[]> {
  const { value } = await batches.next();
  return (value?.entries ?? []).map(({ entry }) => JSON.parse(entry).id);
}

describe('a revocation', () => {
  it.each<[string, () => [Store, Store]]>([
    ['at another node, over Redis', () => [onRedis(), onRedis()]],
    ['at this node, on SQLite', () => twice(createSqliteStore(':memory:'))],
  ])('%s reaches whoever follows without any sign of life in between', async (_where, open) => {
    const [here, there] = open();
    const feed = createRevocationFeed({ store: here, names, silenceMs });
    // Ends in vain, if it must, before the test is cut off.
    const batches = feed.follow(undefined, AbortSignal.timeout(60_000));
    expect(await nextOf(batches)).toEqual([]);

    const told: string[] = [];
    const ended = ['grant-1', 'grant-2', 'grant-3'];
    for (const id of ended) {
      const next = nextOf(batches);
      const { revocations } = connectionsOver(there);
      await revocations.connectionEnded({ id, resource: 'https://api.example.com/mcp' }, 'signed out');
      told.push(...(await next));
    }
    feed.close();
    await batches.return();
    await Promise.all([here.close(), there.close()]);
    expect(told).toEqual(ended);
  });
});

describe('the notifier of the feed', () => {
  it('leaves nothing behind at a stream that waited for it a thousand times', async () => {
    const store = createSqliteStore(':memory:');
    const notifier = new FeedNotifier(store, 'feed');
    const stream = new AbortController();
    using _listening = notifier.subscribe();
    for (let times = 0; times < 1000; times += 1) {
      const notified = notifier.waitForNewer(notifier.version, 60_000, stream.signal);
      await store.append('feed', JSON.stringify({ times }), 60);
      await notified;
    }
    expect(getEventListeners(stream.signal, 'abort')).toEqual([]);

    const waiting = notifier.waitForNewer(notifier.version, 60_000, stream.signal);
    stream.abort();
    await waiting;
    await store.close();
  });
});
