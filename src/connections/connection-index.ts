import type { RecordNames, Store } from '../storage/index.ts';
import type { Connection } from './connection.ts';

interface Parts {
  readonly store: Store;
  readonly names: RecordNames;
  /** How long a connection lives that is not used, in seconds. */
  readonly refreshTokenTtl: number;
}

/** Finds connections by what they have in common. */
export interface ConnectionIndex {
  add(connection: Connection): Promise<void>;
  /** To be called when the connection is gone: a crash before would leave one that lives and that nobody sees. */
  remove(connection: Connection): Promise<void>;
  /** Puts it there again when the day is another one, so that the sets outlive whatever is in them. */
  renew(connection: Connection, atSeconds: number): Promise<void>;
  /** The last used first. */
  findByAccount(accountId: string): Promise<Connection[]>;
  findByOrganization(organizationId: string): Promise<Connection[]>;
  findByClient(clientId: string): Promise<Connection[]>;
}

const daySeconds = 24 * 60 * 60;
/** One command for so many: a large organization has thousands, and other requests wait while Redis answers one. */
const readAtOnce = 500;

export function createConnectionIndex({ store, names, refreshTokenTtl }: Parts): ConnectionIndex {
  // A set is renewed on each day of use; what is in it lives this long from its last use, which is a day later at most.
  const ttl = refreshTokenTtl + 2 * daySeconds;

  function setsOf({ accountId, organizationId, clientId }: Connection): string[] {
    const { connectionsOfAccount, connectionsOfOrganization, connectionsOfClient } = names;
    return [connectionsOfAccount(accountId), connectionsOfOrganization(organizationId), connectionsOfClient(clientId)];
  }

  async function add(connection: Connection): Promise<void> {
    await Promise.all(setsOf(connection).map((set) => store.addMember(set, connection.id, ttl)));
  }

  async function read(set: string, belongs: (connection: Connection) => boolean): Promise<Connection[]> {
    const ids = await store.members(set);
    const found: Connection[] = [];
    for (let at = 0; at < ids.length; at += readAtOnce)
      found.push(...(await readMembers(set, ids.slice(at, at + readAtOnce))));
    return (
      found
        // One that moved to another organization stays in the set of the old one until it ends: taking it out could
        // overtake its return.
        .filter(belongs)
        .sort((a, b) => b.lastUsedAt - a.lastUsedAt || b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1))
    );
  }

  async function readMembers(set: string, ids: readonly string[]): Promise<Connection[]> {
    const records = await store.readMany(ids.map((id) => names.connection(id)));
    // It expired, or its end was interrupted. An id is never given again, so one that is gone stays gone.
    const gone = ids.filter((_id, position) => records[position] === undefined);
    await Promise.all(gone.map((id) => store.removeMember(set, id)));
    return records.flatMap((record) => (record ? (JSON.parse(record.value) as Connection) : []));
  }

  return {
    add,
    async remove(connection) {
      await Promise.all(setsOf(connection).map((set) => store.removeMember(set, connection.id)));
    },
    async renew(connection, atSeconds) {
      const dayOf = (seconds: number) => Math.floor(seconds / daySeconds);
      if (dayOf(atSeconds) !== dayOf(connection.lastUsedAt)) await add(connection);
    },
    findByAccount: (accountId) =>
      read(names.connectionsOfAccount(accountId), (connection) => connection.accountId === accountId),
    findByOrganization: (organizationId) =>
      read(names.connectionsOfOrganization(organizationId), (each) => each.organizationId === organizationId),
    findByClient: (clientId) =>
      read(names.connectionsOfClient(clientId), (connection) => connection.clientId === clientId),
  };
}
