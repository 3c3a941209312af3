import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { RevocationBell } from '../../src/connections/revocation-bell.ts';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';

describe('the bell of the feed', () => {
  it('leaves nothing behind at a stream that waited for it a thousand times', async () => {
    const store = createSqliteStore(':memory:');
    const bell = new RevocationBell(store, 'feed');
    const stream = new AbortController();
    using _listening = bell.enter();
    for (let times = 0; times < 1000; times += 1) {
      const rung = bell.wait(bell.rings, 60_000, stream.signal);
      await store.append('feed', JSON.stringify({ times }), 60);
      await rung;
    }
    expect(getEventListeners(stream.signal, 'abort')).toEqual([]);

    const waiting = bell.wait(bell.rings, 60_000, stream.signal);
    stream.abort();
    await waiting;
    await store.close();
  });
});
