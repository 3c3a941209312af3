import type { AdapterPayload } from 'oidc-provider';
import { createRecall } from '../recall.ts';
import type { RecordNames } from '../storage/index.ts';

/** What each flow of late was about: its next request reads that in one step with the flow itself. */
export interface Flows {
  note(uid: string, interaction: AdapterPayload): void;
  /** Of the client, and of the connection that was approved, as far as this process has seen them. */
  recordsOf(uid: string): readonly string[];
}

interface Parts {
  readonly names: Pick<RecordNames, 'client' | 'connection'>;
  /** Whether a client of this id is kept in the store. */
  readonly isStored: (clientId: string) => boolean;
}

export function createFlows({ names, isStored }: Parts): Flows {
  const recall = createRecall<readonly string[]>();
  return {
    note(uid, { params, result }) {
      const clientId: unknown = params?.client_id;
      const approved: unknown = result?.consent?.grantId;
      recall.set(uid, [
        ...(typeof clientId === 'string' && isStored(clientId) ? [names.client(clientId)] : []),
        ...(typeof approved === 'string' ? [names.connection(approved)] : []),
      ]);
    },
    recordsOf: (uid) => recall.get(uid) ?? [],
  };
}
