import { createNewest, type RecordNames, type Store } from '../storage/index.ts';

interface Parts {
  readonly store: Store;
  readonly names: RecordNames;
  /** So many are kept; 0 without limit. */
  readonly most: number;
  /** Seconds for which one is kept. */
  readonly lifetime: number;
}

/** Strangers register as often as they like: the oldest that nobody uses goes, never one that somebody signed in for. */
export function createUnusedRegistrations({ store, names, most, lifetime }: Parts) {
  const newest = createNewest({
    store,
    counter: names.registrationCount(),
    slot: names.unusedRegistration,
    slots: most,
  });
  // Removed some at a time, because each costs four round trips by itself; what a process that ends leaves goes by its age.
  const pushedOut: string[] = [];
  const removedAtOnce = Math.min(32, Math.ceil(most / 100));

  async function removeUnused(clientIds: readonly string[]): Promise<void> {
    const uses = await store.readMany(clientIds.map(names.registrationUse));
    const gone = clientIds.filter((_, position) => !uses[position]);
    const indexes = gone.map(names.registrationTokens);
    const tokens = await Promise.all(indexes.map((index) => store.members(index)));
    await store.remove([...gone.map(names.client), ...indexes, ...tokens.flat()]);
  }

  return {
    async add(clientId: string): Promise<void> {
      const oldest = await newest.add(clientId, lifetime);
      if (oldest === undefined) return;
      pushedOut.push(oldest);
      if (pushedOut.length >= removedAtOnce) await removeUnused(pushedOut.splice(0));
    },
  };
}
