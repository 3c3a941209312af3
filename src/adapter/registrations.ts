import { type Clock, isAnotherDay } from '../clock.ts';
import type { RecordNames, Store } from '../storage/index.ts';
import { createFetchedDocuments, isDocument } from './fetched-documents.ts';
import { createRecently } from './recently.ts';
import { createUnusedRegistrations } from './unused-registrations.ts';

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

export function createRegistrations({ store, names, lifetimes, ...parts }: Parts): Registrations {
  const { mostUnused = 0, mostUnusedDocuments = 0, clock } = parts;
  const used = lifetimes.used + day;
  const signedIn = createRecently(Math.min(60, lifetimes.signedIn / 10), clock);
  // Within the day by which it lives longer than anything it got.
  const inUse = createRecently(hour, clock);

  const useOf = (clientId: string) =>
    isDocument(clientId) ? names.documentApproval(clientId) : names.registrationUse(clientId);

  const unused = createUnusedRegistrations({ store, names, most: mostUnused, lifetime: lifetimes.unused });
  const documents = createFetchedDocuments({ store, names, useOf, mostUnused: mostUnusedDocuments, usedFor: used });

  async function changeClient(clientId: string, value: string): Promise<void> {
    const name = names.client(clientId);
    if (await store.writeIfAbsent(name, value, lifetimes.unused)) return;
    const current = await store.read(name);
    // Gone or changed meanwhile: then it is as new as this change, or the newer change is as good as this one was.
    if (current && (await store.compareAndSet(name, current.value, value))) return;
    await changeClient(clientId, value);
  }

  async function extend(clientId: string, seconds: number): Promise<void> {
    const index = names.registrationTokens(clientId);
    const use = names.registrationUse(clientId);
    const [tokens] = await Promise.all([store.members(index), store.writeIfAbsent(use, '{}', seconds)]);
    await store.extend([names.client(clientId), index, use, ...tokens], seconds);
  }

  async function use(clientId: string): Promise<void> {
    if (isDocument(clientId)) return documents.use(clientId);
    if (inUse.has(clientId)) return;
    await extend(clientId, used);
    inUse.add(clientId);
  }

  return {
    keepDocument: documents.keep,
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
      const noted = clientId && store.addMember(names.registrationTokens(clientId), name, lifetimes.unused);
      // Each registration has one token for as long as it lives, so each is added once.
      await Promise.all([store.write(name, value, lifetimes.unused), noted, clientId && unused.add(clientId, name)]);
    },
    async renew(clientId, previousAtSeconds) {
      if (isAnotherDay(previousAtSeconds, clock.seconds())) await use(clientId);
    },
    async remove(clientId) {
      await store.remove([names.client(clientId), names.registrationTokens(clientId), names.registrationUse(clientId)]);
    },
  };
}
