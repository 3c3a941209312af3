import { createNewest, type RecordNames, type Store } from '../storage/index.ts';

interface Parts {
  readonly store: Store;
  readonly names: RecordNames;
  /** The record that says that somebody has signed in for a client, or approved it. */
  readonly useOf: (clientId: string) => string;
  /** So many of clients that nobody has approved are kept; 0 without limit. */
  readonly mostUnused: number;
  /** Seconds for which an approval counts. */
  readonly usedFor: number;
}

const day = 24 * 60 * 60;
/** Whoever fetches documents decides how old one may be that is served stale; this is as long. */
const staysFor = 30 * day;

export const isDocument = (clientId: string) => clientId.startsWith('https://');

/** How long is kept what was fetched of a client: what describes it on the web, or its keys there. */
export function createFetchedDocuments({ store, names, useOf, mostUnused, usedFor }: Parts) {
  const unused = createNewest({
    store,
    counter: names.documentCount(),
    slot: names.unusedDocument,
    slots: mostUnused,
  });

  return {
    /** Nobody has approved the client. Fresh or not, the oldest goes: it is fetched again for whoever comes. */
    async keep(key: string, clientId: string): Promise<void> {
      const oldest = await unused.add(JSON.stringify([key, useOf(clientId)]), day);
      if (oldest === undefined) return;
      const [oldestKey, oldestApproval] = JSON.parse(oldest.entry);
      if (oldestKey !== key && !(await store.read(oldestApproval))) await store.remove([oldestKey]);
    },

    /** Somebody approved it: what was fetched of it may now stand in when its host fails (R76). */
    async use(clientId: string): Promise<void> {
      const noted = store.write(names.documentApproval(clientId), '{}', usedFor);
      await Promise.all([noted, store.extend([names.clientDocument('metadata', clientId)], staysFor)]);
    },
  };
}
