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
  // Removed some at a time; what a process that ends leaves goes by its age.
  const pushedOut: Registration[] = [];
  const removedAtOnce = Math.min(32, Math.ceil(most / 100));

  async function removeUnused(registrations: readonly Registration[]): Promise<void> {
    const uses = await store.readMany(registrations.map(({ clientId }) => names.registrationUse(clientId)));
    const gone = registrations.filter((_, position) => !uses[position]);
    await store.discard((await Promise.all(gone.map(recordsOf))).flat());
  }

  async function recordsOf({ clientId, token }: Registration): Promise<string[]> {
    const index = names.registrationTokens(clientId);
    return [names.client(clientId), index, ...(token === undefined ? await store.members(index) : [token])];
  }

  return {
    /** With the name of its token. */
    async add(clientId: string, token: string): Promise<void> {
      const oldest = await newest.add(JSON.stringify([clientId, token]), lifetime);
      if (oldest === undefined) return;
      pushedOut.push(read(oldest));
      if (pushedOut.length >= removedAtOnce) await removeUnused(pushedOut.splice(0));
    },
  };
}

interface Registration {
  readonly clientId: string;
  readonly token?: string | undefined;
}

/** Versions before wrote the id alone. */
function read(entry: string): Registration {
  const [clientId = entry, token]: string[] = entry.startsWith('[') ? JSON.parse(entry) : [];
  return { clientId, token };
}
