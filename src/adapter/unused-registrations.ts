import { createNewest, type PushedOut, type RecordNames, type Store } from '../storage/index.ts';

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
  // Removed some at a time; what a process that ends leaves goes by its age.
  const pushedOut: PushedOut[] = [];
  const removedAtOnce = Math.min(32, Math.ceil(most / 100));

  async function removeUnused(registrations: readonly PushedOut[]): Promise<void> {
    const uses = await store.readMany(registrations.map(({ entry }) => names.registrationUse(entry)));
    const gone = registrations.filter((_, position) => !uses[position]);
    await store.discard((await Promise.all(gone.map(recordsOf))).flat());
  }

  /** Where no token was noted, it is looked for. */
  async function recordsOf({ entry: clientId, note: token }: PushedOut): Promise<string[]> {
    const index = names.registrationTokens(clientId);
    return [names.client(clientId), index, ...(token === undefined ? await store.members(index) : [token])];
  }

  return {
    /** With the name of its token. */
    async add(clientId: string, token: string): Promise<void> {
      const oldest = await newest.add(clientId, lifetime, token);
      if (oldest === undefined) return;
      pushedOut.push(oldest);
      if (pushedOut.length >= removedAtOnce) await removeUnused(pushedOut.splice(0));
    },
  };
}
