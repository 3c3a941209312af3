import type { ListEntry, RecordNames, Store } from '../storage/index.ts';
import type { Connection } from './connection.ts';

/** Whose connections are meant. */
export type ConnectionOwner =
  | { readonly accountId: string }
  | { readonly organizationId: string }
  | { readonly clientId: string };

/** Where they are listed, and where they were listed by versions that had sets only. */
interface OwnersList {
  readonly list: string;
  readonly former: string;
  /** One that moved to another organization may be in the list of the old one for a while. */
  belongs(connection: Connection): boolean;
}

interface Parts {
  readonly store: Store;
  readonly names: RecordNames;
  readonly refreshTokenTtl: number;
  readonly longestLife?: number | undefined;
}

/** Entries of lists, and what becomes of those that stand for nothing any more. */
interface ConnectionLists {
  of(owner: ConnectionOwner): OwnersList;
  enlist(list: string, connection: Connection, dueSeconds: number): Promise<void>;
  unlist(list: string, connection: Connection): Promise<void>;
  /** For so long it lives if nobody ends it; at most seconds are known exactly. */
  livesFor(connection: Connection, nowSeconds: number): number;
  /** Those that still exist. The others leave the list; each in `due` is due again when it may next have expired. */
  pruneEnded(of: OwnersList, ids: readonly string[], due?: readonly string[]): Promise<Pruned>;
  /** Takes a connection out that moved away, unless it has come back meanwhile. */
  leave(of: OwnersList, ids: readonly string[]): Promise<void>;
  /** Brings all that is in the set of before into the list, in slices; from then on there is nothing in the set. */
  takeOver(of: OwnersList): Promise<void>;
}

interface Pruned {
  readonly living: readonly Connection[];
  /** Of those who were due: what nobody has redeemed stays so until then, and counts as nothing. */
  readonly pending: readonly Connection[];
}

const daySeconds = 24 * 60 * 60;
/** What was renewed before `refreshToken` was shortened lives on: it must be found as long as it may. */
const formerLongestTtl = 100 * daySeconds;
/** One command for so many: other requests wait while Redis answers one. */
export const sliceSize = 500;
/** One that may expire at any moment is looked at again no sooner. */
const lookAgainSeconds = 60;

export function createConnectionLists({
  store,
  names,
  refreshTokenTtl,
  longestLife = Infinity,
}: Parts): ConnectionLists {
  // A connection is listed anew on each day of use, and lives this long from its last use, which is a day later at most.
  const terms = { ttlSeconds: Math.max(refreshTokenTtl, formerLongestTtl) + 2 * daySeconds };

  function of(owner: ConnectionOwner): OwnersList {
    if ('accountId' in owner) {
      const { accountId } = owner;
      const belongs = (connection: Connection) => connection.accountId === accountId;
      return {
        list: names.connectionsOfAccount(accountId),
        former: names.formerConnectionsOfAccount(accountId),
        belongs,
      };
    }
    if ('clientId' in owner) {
      const { clientId } = owner;
      const belongs = (connection: Connection) => connection.clientId === clientId;
      return { list: names.connectionsOfClient(clientId), former: names.formerConnectionsOfClient(clientId), belongs };
    }
    const { organizationId } = owner;
    return {
      list: names.connectionsOfOrganization(organizationId),
      former: names.formerConnectionsOfOrganization(organizationId),
      belongs: (connection) => connection.organizationId === organizationId,
    };
  }

  function livesFor({ lines = [], lastUsedAt, createdAt }: Connection, nowSeconds: number): number {
    if (lines.length === 0) return 0;
    return Math.min(lastUsedAt + refreshTokenTtl, createdAt + longestLife) - nowSeconds;
  }

  async function read(ids: readonly string[]): Promise<Map<string, Connection>> {
    const records = await store.readMany(ids.map((id) => names.connection(id)));
    const found = records.flatMap((record) => (record ? (JSON.parse(record.value) as Connection) : []));
    return new Map(found.map((connection) => [connection.id, connection]));
  }

  async function enlistLiving(list: string, living: readonly Connection[], onlyThere: boolean): Promise<void> {
    if (living.length === 0) return;
    const nowSeconds = (await store.now()) / 1000;
    const dueSeconds = (each: Connection) =>
      each.pending ? 0 : Math.max(lookAgainSeconds, livesFor(each, nowSeconds));
    const entries = living.map((each) => entryOf(each, dueSeconds(each)));
    await store.enlist(list, entries, { ...terms, onlyThere });
  }

  async function leave({ list, belongs }: OwnersList, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await store.unlist(list, ids);
    // Whoever moved it back wrote the record before the list: either that is seen here, or it is listed after this.
    const back = [...(await read(ids)).values()].filter(belongs);
    await enlistLiving(list, back, false);
  }

  async function pruneEnded(where: OwnersList, ids: readonly string[], due: readonly string[] = []): Promise<Pruned> {
    const all = [...new Set([...ids, ...due])];
    const found = await read(all);
    // It expired, or its end was interrupted. An id is never given again, so one that is gone stays gone.
    const gone = all.filter((id) => !found.has(id));
    const moved = [...found.values()].filter((connection) => !where.belongs(connection)).map(({ id }) => id);
    const isThere = (id: string) => found.has(id) && !moved.includes(id);
    const living = (some: readonly string[]) => some.filter(isThere).map((id) => found.get(id) as Connection);
    const { pending = [], redeemed = [] } = Object.groupBy(living(due), (each) =>
      each.pending ? 'pending' : 'redeemed',
    );
    await Promise.all([
      gone.length > 0 && store.unlist(where.list, gone),
      leave(where, moved),
      enlistLiving(where.list, redeemed, true),
    ]);
    return { living: living(ids), pending };
  }

  return {
    of,
    livesFor,
    pruneEnded,
    leave,
    enlist: (list, connection, dueSeconds) => store.enlist(list, [entryOf(connection, dueSeconds)], terms),
    unlist: (list, { id }) => store.unlist(list, [id]),
    async takeOver({ list, former, belongs }) {
      for (;;) {
        const ids = await store.someMembers(former, sliceSize);
        if (ids.length === 0) return;
        await enlistLiving(list, [...(await read(ids)).values()].filter(belongs), false);
        await Promise.all(ids.map((id) => store.removeMember(former, id)));
      }
    },
  };
}

function entryOf({ id, createdAt }: Connection, dueSeconds: number): ListEntry {
  return { member: id, position: createdAt, dueSeconds };
}
