import type { AdapterPayload } from 'oidc-provider';
import { createRecall } from '../recall.ts';
import type { RecordNames } from '../storage/index.ts';

/** What each flow of late was about, and who is signed in: its next request reads that in one step with the flow itself. */
export interface Flows {
  note(uid: string, interaction: AdapterPayload): void;
  /** Of the client, of the connection that was approved, and of the account, as far as this process has seen them. */
  recordsOf(uid: string): readonly string[];
  /** The same where it goes on, which shows nobody's account. */
  recordsToGoOn(uid: string): readonly string[];
}

/** Names of records that are read where this account is signed in. */
export type RecordsOfAccount = (accountId: string) => readonly string[];

interface Parts {
  readonly names: Pick<RecordNames, 'client' | 'connection'>;
  /** Whether a client of this id is kept in the store. */
  readonly isStored: (clientId: string) => boolean;
  readonly recordsOfAccount: RecordsOfAccount;
}

interface Flow {
  readonly clientId: unknown;
  readonly approved: unknown;
  readonly accountId: string | undefined;
}

export function createFlows({ names, isStored, recordsOfAccount }: Parts): Flows {
  const recall = createRecall<Flow>();

  function recordsToGoOn(uid: string): readonly string[] {
    const { clientId, approved } = recall.get(uid) ?? {};
    return [
      ...(typeof clientId === 'string' && isStored(clientId) ? [names.client(clientId)] : []),
      ...(typeof approved === 'string' ? [names.connection(approved)] : []),
    ];
  }
  return {
    note(uid, { params, result, session }) {
      const accountId = session?.accountId;
      recall.set(uid, { clientId: params?.client_id, approved: result?.consent?.grantId, accountId });
    },
    recordsOf(uid) {
      const { accountId } = recall.get(uid) ?? {};
      return [...recordsToGoOn(uid), ...(accountId === undefined ? [] : recordsOfAccount(accountId))];
    },
    recordsToGoOn,
  };
}

/** Who was signed in of late, by the names of sessions: whether those count is read in one step with them. */
export interface KnownSessions {
  note(name: string, session: AdapterPayload): void;
  recordsOf(name: string): readonly string[];
}

export function createKnownSessions({
  recordsOfCutoff,
}: {
  readonly recordsOfCutoff: RecordsOfAccount;
}): KnownSessions {
  const owners = createRecall<string>();
  return {
    note(name, { accountId }) {
      if (accountId !== undefined) owners.set(name, accountId);
    },
    recordsOf(name) {
      const accountId = owners.get(name);
      return accountId === undefined ? [] : recordsOfCutoff(accountId);
    },
  };
}
