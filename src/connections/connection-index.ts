import type { Keys, Store } from '../storage/index.ts';
import type { Connection } from './connection.ts';

interface Parts {
  readonly store: Store;
  readonly keys: Keys;
  /** How long a connection lives that is not used, in seconds. */
  readonly refreshTokenTtl: number;
}

/** Finds connections by what they have in common. */
export interface ConnectionIndex {
  add(connection: Connection): Promise<void>;
  /** Asked while the connection is there; what it answers takes it out, and is called when the connection is gone. */
  whenEnding(connectionId: string): Promise<() => Promise<void>>;
  /** Puts it there again when the day is another one, so that the sets outlive whatever is in them. */
  renew(connection: Connection, atSeconds: number): Promise<void>;
  /** The last used first. */
  findByAccount(accountId: string): Promise<Connection[]>;
  findByOrganization(organizationId: string): Promise<Connection[]>;
  findByClient(clientId: string): Promise<Connection[]>;
}

const daySeconds = 24 * 60 * 60;

export function createConnectionIndex({ store, keys, refreshTokenTtl }: Parts): ConnectionIndex {
  // A set is renewed on each day of use; what is in it lives this long from its last use, which is a day later at most.
  const ttl = refreshTokenTtl + 2 * daySeconds;

  function setsOf({ accountId, organizationId, clientId }: Connection): string[] {
    const { connectionsOfAccount, connectionsOfOrganization, connectionsOfClient } = keys;
    return [connectionsOfAccount(accountId), connectionsOfOrganization(organizationId), connectionsOfClient(clientId)];
  }

  async function add(connection: Connection): Promise<void> {
    await Promise.all(setsOf(connection).map((set) => store.addMember(set, connection.id, ttl)));
  }

  async function read(set: string, belongs: (connection: Connection) => boolean): Promise<Connection[]> {
    const found = await Promise.all((await store.members(set)).map((id) => readMember(set, id)));
    return (
      found
        .flatMap((connection) => connection ?? [])
        // One that moved to another organization stays in the set of the old one until it ends: taking it out could
        // overtake its return.
        .filter(belongs)
        .sort((a, b) => b.lastUsedAt - a.lastUsedAt || b.createdAt - a.createdAt)
    );
  }

  async function readMember(set: string, id: string): Promise<Connection | undefined> {
    const record = await store.read(keys.connection(id));
    if (record) return JSON.parse(record.value);
    // It expired, or its end was interrupted. An id is never given again, so one that is gone stays gone.
    await store.removeMember(set, id);
    return undefined;
  }

  return {
    add,
    async whenEnding(connectionId) {
      const record = await store.read(keys.connection(connectionId));
      const sets = record ? setsOf(JSON.parse(record.value)) : [];
      // Not before: a crash in between would leave a connection that lives and that nobody sees.
      return async () => {
        await Promise.all(sets.map((set) => store.removeMember(set, connectionId)));
      };
    },
    async renew(connection, atSeconds) {
      const dayOf = (seconds: number) => Math.floor(seconds / daySeconds);
      if (dayOf(atSeconds) !== dayOf(connection.lastUsedAt)) await add(connection);
    },
    findByAccount: (accountId) =>
      read(keys.connectionsOfAccount(accountId), (connection) => connection.accountId === accountId),
    findByOrganization: (organizationId) =>
      read(keys.connectionsOfOrganization(organizationId), (each) => each.organizationId === organizationId),
    findByClient: (clientId) =>
      read(keys.connectionsOfClient(clientId), (connection) => connection.clientId === clientId),
  };
}
