import type { Store } from './store.ts';

/** So many of what strangers may leave here: whatever is added pushes out what was added longest ago. */
export interface Newest {
  /** Answers what was pushed out, if anything; it is the caller's to remove, unless it came into use meanwhile. */
  add(entry: string, ttlSeconds: number): Promise<string | undefined>;
}

interface Parts {
  readonly store: Pick<Store, 'count' | 'read' | 'write'>;
  /** Name of the counter of what was ever added. */
  readonly counter: string;
  /** Name of the record of one place; there are so many of them. */
  readonly place: (place: number) => string;
  readonly places: number;
}

/** The counter begins again after that, and so does the order: nothing else depends on it. */
const counterSeconds = 400 * 24 * 60 * 60;

/** A ring of records, because a store has no list: each entry is told its place by a counter. */
export function createNewest({ store, counter, place, places }: Parts): Newest {
  return {
    async add(entry, ttlSeconds) {
      if (places === 0) return undefined;
      const { count } = await store.count(counter, counterSeconds);
      const name = place(count % places);
      const before = await store.read(name);
      await store.write(name, JSON.stringify({ entry }), ttlSeconds);
      return before && JSON.parse(before.value).entry;
    },
  };
}
