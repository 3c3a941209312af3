import { createNewest } from './newest.ts';
import type { RecordNames } from './record-names.ts';
import type { Store } from './store.ts';

/**
 * What anybody may begin here, and need not finish, up to a size in all: what is noted pushes out what was noted longest ago.
 * Only what is worth nothing to whoever is signed in: they begin again.
 */
export interface Unfinished {
  /** This record was written, and lives for so long. */
  note(record: { readonly name: string; readonly bytes: number }, ttlSeconds: number): Promise<void>;
}

interface Parts {
  readonly store: Pick<Store, 'count' | 'exchange' | 'remove'>;
  readonly names: Pick<RecordNames, 'unfinishedCount' | 'unfinished'>;
  /** So many; 0 without limit. */
  readonly slots: number;
}

/** What is larger has as many slots as it is times as large: a stranger chooses how long a `state` is. */
const bytesOfSlot = 2048;

export function createUnfinished({ store, names, slots }: Parts): Unfinished {
  const newest = createNewest({ store, counter: names.unfinishedCount(), slot: names.unfinished, slots });

  return {
    async note({ name, bytes }, ttlSeconds) {
      const taken = Array.from({ length: Math.ceil(bytes / bytesOfSlot) }, () => newest.add(name, ttlSeconds));
      const oldest = (await Promise.all(taken)).flatMap((pushedOut) => pushedOut?.entry ?? []);
      const others = new Set(oldest.filter((entry) => entry !== name));
      if (others.size > 0) await store.remove([...others]);
    },
  };
}
