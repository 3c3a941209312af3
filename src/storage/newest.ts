import type { Store } from './store.ts';

/** So many of what strangers may leave here: whatever is added pushes out what was added longest ago. */
export interface Newest {
  /** `note` comes back with it. Answers what was pushed out, if anything; it is the caller's to remove, unless it came into use meanwhile. */
  add(entry: string, ttlSeconds: number, note?: string): Promise<PushedOut | undefined>;
}

export interface PushedOut {
  readonly entry: string;
  /** What was said of it besides; versions before said nothing. */
  readonly note?: string | undefined;
}

interface Parts {
  readonly store: Pick<Store, 'count' | 'exchange'>;
  /** Name of the counter of what was ever added. */
  readonly counter: string;
  /** Name of the record of one slot; there are so many of them. */
  readonly slot: (index: number) => string;
  readonly slots: number;
}

/** The counter begins again after that, and so does the order: nothing else depends on it. */
const counterSeconds = 400 * 24 * 60 * 60;

/** The ring has so many blocks. A process takes a whole one at a time, so between processes the order is exact only to a block. */
const blocksOfRing = 100;

/** A ring of records, of which each addition is one command: a counter tells each process which slots are its own for a while. */
export function createNewest({ store, counter, slot, slots }: Parts): Newest {
  const blockSize = Math.max(1, Math.floor(slots / blocksOfRing));
  const blocks = Math.max(1, Math.floor(slots / blockSize));
  let block: Promise<number> | undefined;
  let taken = 0;

  async function nextBlock(): Promise<number> {
    const { count } = await store.count(counter, counterSeconds);
    return count % blocks;
  }

  async function nextSlot(): Promise<number> {
    if (!block || taken === blockSize) {
      const asked = nextBlock();
      taken = 0;
      block = asked;
      // Whoever comes next asks again.
      asked.catch(() => {
        if (block === asked) block = undefined;
      });
    }
    const offset = taken;
    taken += 1;
    return (await block) * blockSize + offset;
  }

  return {
    async add(entry, ttlSeconds, note) {
      if (slots === 0) return undefined;
      const written = JSON.stringify({ entry, note } satisfies PushedOut);
      const before = await store.exchange(slot(await nextSlot()), written, ttlSeconds);
      const pushedOut: PushedOut | undefined = before && JSON.parse(before.value);
      // Asked again after its answer was lost, the store tells what was written a moment ago: that stays.
      return pushedOut?.entry === entry ? undefined : pushedOut;
    },
  };
}
