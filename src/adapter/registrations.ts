import { type Clock, isAnotherDay } from '../clock.ts';
import { createNewest, type RecordNames, type Store } from '../storage/index.ts';
import { createRecently } from './recently.ts';

/** Seconds. */
interface RegistrationLifetimes {
  /** From the registration on, until somebody approves the client. */
  readonly unused: number;
  /** From when somebody signed in for it, and approved nothing yet. */
  readonly signedIn: number;
  /** From an approval or a renewal on. */
  readonly used: number;
}

const hour = 60 * 60;
const day = 24 * hour;
/** Whoever fetches documents decides how old one may be that is served stale; this is as long. */
const documentStaysFor = 30 * day;

/**
 * How long a registered client is known. Most registrations are never used (R86), so those go soon; a client that was
 * approved does not notice that it was forgotten, and some never register again (R31): it outlives everything it got.
 * The token with which it manages its registration lives as long as the client.
 */
export interface Registrations {
  /** A new one: nobody else knows its id yet. */
  keepClient(clientId: string, value: string): Promise<void>;
  /** A change of a registration (RFC 7592 §2.2) keeps the lifetime that it has earned. */
  changeClient(clientId: string, value: string): Promise<void>;
  /** The token with which a client manages its registration, under this name. */
  keepToken(name: string, value: string, clientId: string | undefined): Promise<void>;
  /** Somebody signed in for the client; the pages of one flow say so several times. */
  signIn(clientId: string): Promise<void>;
  /** Whether somebody has signed in for the client, or approved it where it is described on the web. */
  isUsed(clientId: string): Promise<boolean>;
  /** Somebody approved the client. */
  use(clientId: string): Promise<void>;
  /** A connection of it was renewed: once a day is enough, because `use` gives a day more. */
  renew(clientId: string, previousAtSeconds: number): Promise<void>;
  remove(clientId: string): Promise<void>;
  /** What describes a client on the web, or its keys there, was fetched, and nobody has approved the client. */
  keepDocument(key: string, clientId: string): Promise<void>;
}

interface Parts {
  readonly store: Store;
  readonly names: RecordNames;
  readonly lifetimes: RegistrationLifetimes;
  /** So many that nobody uses are kept; 0 without limit. */
  readonly mostUnused?: number;
  readonly mostUnusedDocuments?: number;
  readonly clock: Clock;
}

const isDocument = (clientId: string) => clientId.startsWith('https://');

export function createRegistrations({ store, names, lifetimes, ...parts }: Parts): Registrations {
  const { mostUnused = 0, mostUnusedDocuments = 0, clock } = parts;
  const unused = createNewest({
    store,
    counter: names.registrationCount(),
    place: names.unusedRegistration,
    places: mostUnused,
  });
  const documents = createNewest({
    store,
    counter: names.documentCount(),
    place: names.unusedDocument,
    places: mostUnusedDocuments,
  });
  // Removed some at a time, because each costs four round trips by itself; what a process that ends leaves goes by its age.
  const pushedOut: string[] = [];
  const removedAtOnce = Math.min(32, Math.ceil(mostUnused / 100));
  const used = lifetimes.used + day;
  const signedIn = createRecently(Math.min(60, lifetimes.signedIn / 10), clock);
  // Within the day by which it lives longer than anything it got.
  const inUse = createRecently(hour, clock);

  const useOf = (clientId: string) =>
    isDocument(clientId) ? names.documentApproval(clientId) : names.registrationUse(clientId);

  /** Described on the web: what was fetched of it may now stand in when its host fails (R76). */
  async function useDocument(clientId: string): Promise<void> {
    const noted = store.write(names.documentApproval(clientId), '{}', used);
    await Promise.all([noted, store.extend([names.clientDocument('metadata', clientId)], documentStaysFor)]);
  }

  async function changeClient(clientId: string, value: string): Promise<void> {
    const name = names.client(clientId);
    if (await store.writeIfAbsent(name, value, lifetimes.unused)) return;
    const current = await store.read(name);
    // Gone or changed meanwhile: then it is as new as this change, or the newer change is as good as this one was.
    if (current && (await store.compareAndSet(name, current.value, value))) return;
    await changeClient(clientId, value);
  }

  /** Strangers register as often as they like: the oldest that nobody uses goes, never one that somebody signed in for. */
  async function makeRoom(clientId: string): Promise<void> {
    const oldest = await unused.add(clientId, lifetimes.unused);
    if (oldest === undefined) return;
    pushedOut.push(oldest);
    if (pushedOut.length >= removedAtOnce) await removeUnused(pushedOut.splice(0));
  }

  async function removeUnused(clientIds: readonly string[]): Promise<void> {
    const uses = await store.readMany(clientIds.map(names.registrationUse));
    const gone = clientIds.filter((_, position) => !uses[position]);
    const indexes = gone.map(names.registrationTokens);
    const tokens = await Promise.all(indexes.map((index) => store.members(index)));
    await store.remove([...gone.map(names.client), ...indexes, ...tokens.flat()]);
  }

  async function extend(clientId: string, seconds: number): Promise<void> {
    const index = names.registrationTokens(clientId);
    const use = names.registrationUse(clientId);
    const [tokens] = await Promise.all([store.members(index), store.writeIfAbsent(use, '{}', seconds)]);
    await store.extend([names.client(clientId), index, use, ...tokens], seconds);
  }

  async function use(clientId: string): Promise<void> {
    if (isDocument(clientId)) return useDocument(clientId);
    if (inUse.has(clientId)) return;
    await extend(clientId, used);
    inUse.add(clientId);
  }

  /** Fresh or not: it is fetched again for whoever comes. */
  async function keepDocument(key: string, clientId: string): Promise<void> {
    const oldest = await documents.add(JSON.stringify([key, useOf(clientId)]), day);
    if (oldest === undefined) return;
    const [oldestKey, oldestApproval] = JSON.parse(oldest);
    if (oldestKey !== key && !(await store.read(oldestApproval))) await store.remove([oldestKey]);
  }

  return {
    keepDocument,
    keepClient: (clientId, value) => store.write(names.client(clientId), value, lifetimes.unused),
    changeClient,
    use,
    isUsed: async (clientId) => (await store.read(useOf(clientId))) !== undefined,
    async signIn(clientId) {
      // A document is fetched again.
      if (isDocument(clientId) || signedIn.has(clientId)) return;
      await extend(clientId, lifetimes.signedIn);
      signedIn.add(clientId);
    },
    async keepToken(name, value, clientId) {
      const { unused } = lifetimes;
      const noted = clientId && store.addMember(names.registrationTokens(clientId), name, unused);
      // Each registration has one token for as long as it lives, so each is told its place in the ring once.
      await Promise.all([store.write(name, value, unused), noted, clientId && makeRoom(clientId)]);
    },
    async renew(clientId, previousAtSeconds) {
      if (isAnotherDay(previousAtSeconds, clock.seconds())) await use(clientId);
    },
    async remove(clientId) {
      await store.remove([names.client(clientId), names.registrationTokens(clientId), names.registrationUse(clientId)]);
    },
  };
}
