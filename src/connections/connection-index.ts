import type { ListPlace, RecordNames, Store } from '../storage/index.ts';
import type { Connection } from './connection.ts';
import { type ConnectionOwner, createConnectionLists, sliceSize } from './connection-lists.ts';

interface Parts {
  readonly store: Store;
  readonly names: RecordNames;
  /** How long a connection lives that is not used, in seconds. */
  readonly refreshTokenTtl: number;
  /** How long one lives at most, where that is limited. */
  readonly longestLife?: number | undefined;
}

/** Finds connections by what they have in common. Those begun last come first: neither use nor another approval changes that order. */
export interface ConnectionIndex {
  /** `ttlSeconds`: for so long it lives, if nobody ends it. */
  add(connection: Connection, ttlSeconds: number): Promise<void>;
  /** To be called when the connection is gone: a crash before would leave one that lives and that nobody sees. */
  remove(connection: Connection): Promise<void>;
  /** Puts it there again, which is due on each day of use, so that the lists outlive whatever is in them. */
  renew(connection: Connection, atSeconds: number): Promise<void>;
  /** To be called when the record says where it is now. */
  move(connection: Connection, formerOrganizationId: string): Promise<void>;
  /** A page, from 1; the last one for a number beyond it. */
  findPage(owner: ConnectionOwner, asked: PageAsked): Promise<ConnectionPage>;
  /** All of them, also what nobody has redeemed, slice by slice: whatever begins or ends meanwhile, none that is there all the time is left out. */
  slicesOf(owner: ConnectionOwner): AsyncGenerator<Connection[], void>;
}

interface PageAsked {
  readonly number: number;
  readonly size: number;
}

export interface ConnectionPage {
  readonly connections: readonly Connection[];
  /** Of all pages: what was approved and nobody has redeemed yet. It is neither listed nor counted. */
  readonly pending: readonly Connection[];
  readonly number: number;
  /** Of all pages. */
  readonly total: number;
  /** Otherwise some of the total may have expired. */
  readonly isExact: boolean;
}

/** How often a page is read again because some of what was counted stood for nothing any more. */
const maxRounds = 5;
/** A number beyond it, which anybody may write into a URL, is none that every store can count with. */
const mostPages = 1_000_000_000;

export function createConnectionIndex(parts: Parts): ConnectionIndex {
  const { store } = parts;
  const lists = createConnectionLists(parts);

  function listsOf({ accountId, organizationId, clientId }: Connection): string[] {
    return [{ accountId }, { organizationId }, { clientId }].map((owner) => lists.of(owner).list);
  }

  async function add(connection: Connection, ttlSeconds: number): Promise<void> {
    const dueSeconds = connection.pending ? 0 : ttlSeconds;
    await Promise.all(listsOf(connection).map((list) => lists.enlist(list, connection, dueSeconds)));
  }

  /**
   * Who is due is read together with the page, so that what is counted is there, and was redeemed. `pending`: so many
   * are listed that were not; they are read with the page and left out.
   */
  async function readPage(owner: ConnectionOwner, { number, size }: PageAsked, pending: number) {
    const where = lists.of(owner);
    const limit = size + pending;
    const part = { from: (number - 1) * size, limit, dueLimit: Math.max(0, sliceSize - limit) };
    const { entries, count, due, dueCount } = await store.readList(where.list, part);
    const ids = entries.map(({ member }) => member);
    const pruned = await lists.pruneEnded(where, ids, due);
    const skipped = pruned.pending.filter((each) => isBefore(each, entries[0])).length;
    const connections = pruned.living.filter((each) => !each.pending).slice(skipped, skipped + size);
    const total = count - pruned.pending.length;
    const last = Math.max(1, Math.ceil(total / size));
    const isExact = dueCount === pruned.pending.length;
    const isWhole = pruned.living.length === ids.length && pruned.pending.length <= pending && number <= last;
    return { page: { connections, pending: pruned.pending, number, total, isExact }, last, isWhole };
  }

  return {
    add,
    async remove(connection) {
      await Promise.all(listsOf(connection).map((list) => lists.unlist(list, connection)));
    },
    async renew(connection, atSeconds) {
      await add(connection, lists.livesFor({ ...connection, lastUsedAt: atSeconds }, atSeconds));
    },
    async move(connection, formerOrganizationId) {
      const { organizationId, id } = connection;
      await lists.enlist(lists.of({ organizationId }).list, connection, 0);
      if (organizationId !== formerOrganizationId)
        await lists.leave(lists.of({ organizationId: formerOrganizationId }), [id]);
    },
    async findPage(owner, asked) {
      await lists.takeOver(lists.of(owner));
      let read = await readPage(owner, { ...asked, number: Math.min(asked.number, mostPages) }, 0);
      for (let round = 1; round < maxRounds && !(read.isWhole && read.page.isExact); round += 1) {
        read = await readPage(owner, { ...asked, number: Math.min(asked.number, read.last) }, read.page.pending.length);
      }
      return read.page;
    },
    async *slicesOf(owner) {
      const where = lists.of(owner);
      await lists.takeOver(where);
      let after: ListPlace | undefined;
      do {
        const { entries } = await store.readList(where.list, { after, limit: sliceSize });
        const ids = entries.map(({ member }) => member);
        yield [...(await lists.pruneEnded(where, ids)).living];
        after = entries.length === sliceSize ? entries.at(-1) : undefined;
      } while (after);
    },
  };
}

/** In the order of the list: the highest position first, of equal ones the later name. */
function isBefore({ id, createdAt }: Connection, place: ListPlace | undefined): boolean {
  if (!place || createdAt !== place.position) return place !== undefined && createdAt > place.position;
  return id > place.member;
}
