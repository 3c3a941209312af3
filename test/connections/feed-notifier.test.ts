import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { FeedNotifier } from '../../src/connections/feed-notifier.ts';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';

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
