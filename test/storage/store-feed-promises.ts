import { describe, expect, it } from '@jest/globals';
import type { FeedEntry, Store } from '../../src/storage/store.ts';
import { rounds, type StoreUnderTest, times } from './store-under-test.ts';

const entry = (n: number) => JSON.stringify({ n });
const numbersOf = (entries: readonly FeedEntry[]) => entries.map((each) => JSON.parse(each.entry).n as number);

/** Everything that follows, page by page, as a follower reads it. */
async function readAll(store: Store, feed: string, after?: string, limit = 7): Promise<FeedEntry[]> {
  const page = await store.readFeed(feed, after, limit);
  const last = page.at(-1);
  return last ? [...page, ...(await readAll(store, feed, last.cursor, limit))] : [];
}

/** Waits and reads until it has so many. */
async function follow(store: Store, feed: string, count: number): Promise<number[]> {
  const seen: FeedEntry[] = [];
  while (seen.length < count) {
    const page = await store.readFeed(feed, seen.at(-1)?.cursor, 5);
    seen.push(...page);
    if (page.length === 0) await store.waitForEntry(feed, seen.at(-1)?.cursor);
  }
  return numbersOf(seen);
}

export function feedPromises({ one, other, expectLifetime }: StoreUnderTest): void {
  describe('keeps feeds', () => {
    it('in the order in which entries were added, whoever added them', async () => {
      for (const n of times(20, (n) => n)) await (n % 2 ? one : other).append('feed:order', entry(n), 60);
      expect(numbersOf(await readAll(other, 'feed:order'))).toEqual(times(20, (n) => n));
    });

    it('that are empty until something is added', async () => {
      expect(await one.readFeed('feed:empty', undefined, 10)).toEqual([]);
    });

    it('each with entries of its own', async () => {
      await one.append('feed:own', entry(1), 60);
      await one.append('feed:other', entry(2), 60);
      expect(numbersOf(await one.readFeed('feed:own', undefined, 10))).toEqual([1]);
    });

    it('that go on after any cursor, that of an entry just added included', async () => {
      const cursors: string[] = [];
      for (const n of times(10, (n) => n)) cursors.push(await one.append('feed:resume', entry(n), 60));
      for (const [n, cursor] of cursors.entries()) {
        expect(numbersOf(await other.readFeed('feed:resume', cursor, 100))).toEqual(
          times(9 - n, (more) => n + 1 + more),
        );
      }
    });

    it('never more of them at once than asked for', async () => {
      for (const n of times(5, (n) => n)) await one.append('feed:limit', entry(n), 60);
      expect(numbersOf(await one.readFeed('feed:limit', undefined, 3))).toEqual([0, 1, 2]);
    });

    it('from the oldest on for a cursor that lies beyond the end, as after a restored copy', async () => {
      const last = await one.append('feed:beyond', entry(1), 60);
      const [number = ''] = /^\d+/.exec(last) ?? [];
      const beyond = last.replace(number, String(Number(number) + 3_600_000_000));
      expect(numbersOf(await other.readFeed('feed:beyond', beyond, 10))).toEqual([1]);
    });

    it.each(['', 'x', '-1', '1-2-3', '9'.repeat(40), '1784000000000-0'])(
      'from the oldest on for what is no cursor of theirs: %j',
      async (cursor) => {
        const feed = `feed:foreign-${cursor}`;
        await one.append(feed, entry(1), 60);
        expect(numbersOf(await one.readFeed(feed, cursor, 10))).toEqual([1]);
      },
    );

    it('as long as they have to be, and no longer', async () => {
      await one.append('feed:lifetime', entry(1), 600);
      await expectLifetime(
        'feed:lifetime',
        600,
        async () => (await other.readFeed('feed:lifetime', undefined, 9)).length > 0,
      );
    });

    it('of JSON objects, and refuses anything else', async () => {
      await expect(one.append('feed:value', 'text', 60)).rejects.toThrow(TypeError);
      expect(await one.readFeed('feed:value', undefined, 10)).toEqual([]);
    });
  });

  describe('lets followers', () => {
    it('wait until something is added, and no longer', async () => {
      for (let round = 0; round < 10; round++) {
        const feed = `feed:wait-${round % 5}`;
        const last = (await readAll(one, feed)).at(-1)?.cursor;
        const waiting = other.waitForEntry(feed, last);
        const cursor = await one.append(feed, entry(round), 60);
        await waiting;
        expect(await other.readFeed(feed, last, 10)).toEqual([{ cursor, entry: entry(round) }]);
      }
    });

    it('come too late, and not wait at all', async () => {
      await one.append('feed:late', entry(1), 60);
      await other.waitForEntry('feed:late', undefined);
      expect(numbersOf(await other.readFeed('feed:late', undefined, 10))).toEqual([1]);
    });

    it('give up, and wait again', async () => {
      const giveUp = new AbortController();
      const waiting = other.waitForEntry('feed:give-up', undefined, giveUp.signal);
      giveUp.abort();
      await waiting;
      await other.waitForEntry('feed:give-up', undefined, giveUp.signal);
      await Promise.all([other.waitForEntry('feed:give-up', undefined), one.append('feed:give-up', entry(1), 60)]);
    });

    it('see every entry of two writers once, and both followers in the same order', async () => {
      for (let round = 0; round < rounds; round++) {
        const feed = `feed:race-${round}`;
        const [a, b] = await Promise.all([
          follow(one, feed, 20),
          follow(other, feed, 20),
          ...times(20, (n) => (n % 2 ? one : other).append(feed, entry(n), 60)),
        ]);
        expect([...(a as number[])].sort((x, y) => x - y)).toEqual(times(20, (n) => n));
        expect(b).toEqual(a);
      }
    });
  });
}
