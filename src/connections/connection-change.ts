import type { RecordNames, Store } from '../storage/index.ts';
import type { ChangeReason, Connection } from './connection.ts';
import type { ConnectionIndex } from './connection-index.ts';
import { updateRecord } from './connection-record.ts';
import type { Installations } from './installations.ts';

/** For which organization from now on, and what is left of its scopes. */
export interface ConnectionChange {
  readonly organizationId: string;
  readonly scopes: readonly string[];
}

interface Parts {
  readonly store: Store;
  readonly names: RecordNames;
  readonly index: Pick<ConnectionIndex, 'move'>;
  readonly installations: Pick<Installations, 'claim'>;
  readonly onChanged: (connection: Connection, reason: ChangeReason) => Promise<void> | void;
}

/** Well below the time for which telling counts ahead: a refresh that is under way signs what was true before. */
export const toldForMs = 1000;

export function createConnectionChange({ store, names, index, installations, onChanged }: Parts) {
  return async function change(connectionId: string, wanted: ConnectionChange): Promise<Connection | undefined> {
    const apply = (connection: Connection): Connection => ({
      ...connection,
      organizationId: wanted.organizationId,
      scopes: keep(connection.scopes, wanted.scopes),
    });
    const record = await store.read(names.connection(connectionId));
    if (!record) return undefined;
    const before: Connection = JSON.parse(record.value);
    // Before anything is written, and also when nothing differs: a process that dies in between leaves tokens refused
    // that their tool renews, never a change that no gateway hears of; and sending the form again tells again.
    const tell = (connection: Connection) => onChanged(connection, reasonOf(before, connection));
    await tell(apply(before));
    const toldAt = performance.now();
    const after = await updateRecord<Connection>(store, names.connection(connectionId), apply);
    if (!after) return undefined;
    await index.move(after, before.organizationId);
    // So that the next approval for this organization finds it; one that is there already keeps its place.
    if (before.organizationId !== after.organizationId) await installations.claim(after);
    // The store took its time: what was issued meanwhile must not be newer than what gateways were told.
    if (performance.now() - toldAt > toldForMs) await tell(after);
    return after;
  };
}

function reasonOf(before: Connection, after: Connection): ChangeReason {
  return before.organizationId === after.organizationId ? 'permissions narrowed' : 'organization changed';
}

/** Only ever fewer: what was not approved cannot come in this way, and what was taken away does not come back. */
function keep(scopes: readonly string[], wanted: readonly string[]): string[] {
  return scopes.filter((scope) => wanted.includes(scope));
}
