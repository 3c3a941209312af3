import type { Keys, Store } from '../storage/index.ts';
import type { ChangeReason, Connection } from './connection.ts';
import type { ConnectionIndex } from './connection-index.ts';
import { updateRecord } from './connection-record.ts';

/** For which organization from now on, and what is left of its scopes. */
export interface ConnectionChange {
  readonly organizationId: string;
  readonly scopes: readonly string[];
}

interface Parts {
  readonly store: Store;
  readonly keys: Keys;
  readonly index: Pick<ConnectionIndex, 'add'>;
  readonly onChanged: (connection: Connection, reason: ChangeReason) => Promise<void> | void;
}

export function createConnectionChange({ store, keys, index, onChanged }: Parts) {
  return async function change(connectionId: string, wanted: ConnectionChange): Promise<Connection | undefined> {
    // The grant first: a refresh in between gets less, for the old organization, never more for the new one.
    await narrowGrant(store, keys.grant(connectionId), wanted.scopes);
    let before: Connection | undefined;
    const after = await updateRecord<Connection>(store, keys.connection(connectionId), (connection) => {
      before = connection;
      return { ...connection, organizationId: wanted.organizationId, scopes: keep(connection.scopes, wanted.scopes) };
    });
    if (!before || !after) return undefined;
    await index.add(after);
    const reason = reasonOf(before, after);
    // Last: told earlier, a refresh in between would issue a token that is newer than what gateways were told.
    if (reason) await onChanged(after, reason);
    return after;
  };
}

function reasonOf(before: Connection, after: Connection): ChangeReason | undefined {
  if (before.organizationId !== after.organizationId) return 'organization changed';
  return before.scopes.length === after.scopes.length ? undefined : 'permissions narrowed';
}

/** Only ever fewer: what was not approved cannot come in this way, and what was taken away does not come back. */
function keep(scopes: readonly string[], wanted: readonly string[]): string[] {
  return scopes.filter((scope) => wanted.includes(scope));
}

/**
 * The scopes of a Grant as oidc-provider 9.13 stores them: by resource, blanks between. Its own `save` would write the
 * Grant with its first, short lifetime, and the connection would end within the hour.
 */
async function narrowGrant(store: Store, key: string, scopes: readonly string[]): Promise<void> {
  await updateRecord<{ resources?: Record<string, string> }>(store, key, (grant) => {
    const narrowed = Object.entries(grant.resources ?? {}).map(([uri, granted]) => [
      uri,
      keep(granted.split(' '), scopes).join(' '),
    ]);
    return { ...grant, resources: Object.fromEntries(narrowed) };
  });
}
