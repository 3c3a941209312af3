import type { AdapterPayload } from 'oidc-provider';
import QuickLRU from 'quick-lru';
import type { RecordNames } from '../storage/index.ts';

/** What each flow of late was about, and who is signed in: its next request reads that in one step with the flow itself. */
export interface Flows {
  note(uid: string, interaction: AdapterPayload): void;
  /** Of the client, of the connection that was approved, and for the account's pages, as far as this process has seen them. */
  recordsOf(uid: string): readonly string[];
  /** The same where it goes on: whether the account is there still. */
  recordsToGoOn(uid: string): readonly string[];
}

/** Names of records, in a directory that is in our own store. */
export interface AccountRecords {
  accountRecord(accountId: string): string;
  /** With those of its organizations. */
  accountRecords(accountId: string): readonly string[];
}

interface Parts {
  readonly names: Pick<RecordNames, 'client' | 'connection'>;
  /** Whether a client of this id is kept in the store. */
  readonly isStored: (clientId: string) => boolean;
  readonly stored: AccountRecords | undefined;
}

interface Flow {
  readonly records: readonly string[];
  readonly accountId: string | undefined;
}

export function createFlows({ names, isStored, stored }: Parts): Flows {
  const known = new QuickLRU<string, Flow>({ maxSize: 5000 });

  function find(uid: string, ofAccount: (from: AccountRecords, accountId: string) => readonly string[]) {
    const { records = [], accountId } = known.get(uid) ?? {};
    return stored && accountId !== undefined ? [...records, ...ofAccount(stored, accountId)] : records;
  }
  return {
    note(uid, { params, result, session }) {
      const clientId: unknown = params?.client_id;
      const approved: unknown = result?.consent?.grantId;
      const records = [
        ...(typeof clientId === 'string' && isStored(clientId) ? [names.client(clientId)] : []),
        ...(typeof approved === 'string' ? [names.connection(approved)] : []),
      ];
      known.set(uid, { records, accountId: session?.accountId });
    },
    recordsOf: (uid) => find(uid, (from, accountId) => from.accountRecords(accountId)),
    recordsToGoOn: (uid) => find(uid, (from, accountId) => [from.accountRecord(accountId)]),
  };
}

/** What says whether a session counts, by the name of its record: it is read in one step with that. */
export interface KnownSessions {
  note(name: string, session: AdapterPayload): void;
  recordsOf(name: string): readonly string[];
}

/** Names of the records that say whether this session counts. */
export type CutoffRecords = (session: AdapterPayload) => readonly string[];

export function createKnownSessions(cutoffRecords: CutoffRecords): KnownSessions {
  const known = new QuickLRU<string, readonly string[]>({ maxSize: 5000 });
  return {
    note(name, session) {
      if (session.accountId !== undefined) known.set(name, cutoffRecords(session));
    },
    recordsOf: (name) => known.get(name) ?? [],
  };
}
