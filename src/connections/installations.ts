import QuickLRU from 'quick-lru';
import { createRequestReads, type RecordNames, type Store } from '../storage/index.ts';
import type { Connection } from './connection.ts';

/**
 * One installation of a client, as far as it can be told. A registered client's id is its installation; one that is
 * described by a document has one id everywhere, so there the mark of the browser that approved stands for the machine.
 */
export interface Installation {
  readonly accountId: string;
  readonly clientId: string;
  readonly mark?: string | undefined;
  /** As it is spelled now, and as it was. */
  readonly resources: readonly string[];
}

/** Which connection an installation has for an organization. A place names one that lives, or counts for nothing. */
export interface Installations {
  find(installation: Installation, organizationIds: readonly string[]): Promise<Connection[]>;
  /** The records that `find` reads, as far as this process has seen them. */
  recordsOf(installation: Installation, organizationIds: readonly string[]): string[];
  /** Takes the place for this connection; answers the one that has it already, if that lives. */
  claim(connection: Connection): Promise<Connection | undefined>;
  renew(connection: Connection): Promise<void>;
  /** The record to remove with this connection: none where another has the place. */
  placesOf(connection: Connection): Promise<string[]>;
}

interface Parts {
  readonly store: Store;
  readonly names: RecordNames;
  readonly ttlSeconds: number;
}

/** Each time somebody else took a place whose connection had just ended. */
const maxAttempts = 20;

export function createInstallations({ store, names, ttlSeconds }: Parts): Installations {
  const factsOf = ({ accountId, clientId, mark = '', resource, organizationId }: Place) => [
    accountId,
    clientId,
    mark,
    resource,
    organizationId,
  ];

  const reads = createRequestReads(store);
  const spellings = [names, ...names.former];
  /** Which connection a place had when it was last looked at, empty for none: both are read in one step. */
  const lately = new QuickLRU<string, string>({ maxSize: 5000 });

  const keysOf = (places: readonly Place[]) =>
    places.flatMap((place) => spellings.map(({ installation }) => installation(factsOf(place))));
  const likelyAt = (keys: readonly string[]) =>
    [...new Set(keys.flatMap((key) => lately.get(key) || []))].map((id) => names.connection(id));

  async function readAt(places: readonly Place[]): Promise<Connection[]> {
    const keys = keysOf(places);
    const likely = likelyAt(keys);
    const found = (await reads.read(keys, likely)).map((record) => (record ? idIn(record.value) : ''));
    for (const [index, key] of keys.entries())
      if (found[index] !== lately.get(key)) lately.set(key, found[index] ?? '');
    const records = await reads.read([...new Set(found.filter(Boolean))].map((id) => names.connection(id)));
    // What was guessed wrong is not to be found later in this request.
    reads.forget(likely);
    const connections = records.flatMap((record) => (record ? [JSON.parse(record.value) as Connection] : []));
    // It may have moved to another organization since.
    return connections.filter((connection) => places.some((place) => isAt(connection, place)));
  }

  async function tryToClaim(connection: Connection): Promise<Connection | 'changed' | undefined> {
    const key = names.installation(factsOf(connection));
    const value = JSON.stringify({ connection: connection.id });
    if (await store.writeIfAbsent(key, value, ttlSeconds)) {
      lately.set(key, connection.id);
      return undefined;
    }
    // Before the connection that it names: what is replaced is a place that was seen to be vacant.
    const current = await store.read(key);
    const [holder] = await readAt([connection]);
    if (holder) return holder.id === connection.id ? undefined : holder;
    if (!current || !(await store.compareAndSet(key, current.value, value))) return 'changed';
    await store.extend([key], ttlSeconds);
    return undefined;
  }

  return {
    find: (installation, organizationIds) => readAt(placesIn(installation, organizationIds)),

    recordsOf(installation, organizationIds) {
      const keys = keysOf(placesIn(installation, organizationIds));
      return [...keys, ...likelyAt(keys)];
    },

    async claim(connection) {
      for (let attempt = 0; attempt < maxAttempts; attempt++) {
        const holder = await tryToClaim(connection);
        if (holder !== 'changed') return holder;
      }
      throw new Error('the place of an installation is being taken by too many at once');
    },

    async placesOf(connection) {
      const key = names.installation(factsOf(connection));
      const place = await store.read(key);
      return place && idIn(place.value) === connection.id ? [key] : [];
    },

    renew: (connection) => store.extend([names.installation(factsOf(connection))], ttlSeconds),
  };
}

type Place = Pick<Connection, 'accountId' | 'clientId' | 'resource' | 'organizationId'> & {
  readonly mark?: string | undefined;
};

function placesIn({ resources, ...installation }: Installation, organizationIds: readonly string[]): Place[] {
  return organizationIds.flatMap((organizationId) =>
    resources.map((resource) => ({ ...installation, resource, organizationId })),
  );
}

/** By everything that makes an installation: a name in the store is a hint, the connection says what it is. */
function isAt(connection: Connection, { mark, ...place }: Place): boolean {
  return (
    connection.mark === mark &&
    connection.accountId === place.accountId &&
    connection.clientId === place.clientId &&
    connection.resource === place.resource &&
    connection.organizationId === place.organizationId
  );
}

function idIn(value: string): string {
  return JSON.parse(value).connection;
}
