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

/** Finds connections by what they have in common. Those approved last come first: no use of them changes that order. */
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
  /** All of them, slice by slice: whatever begins or ends meanwhile, none that is there all the time is left out. */
  slicesOf(owner: ConnectionOwner): AsyncGenerator<Connection[], void>;
}

export interface PageAsked {
  readonly number: number;
  readonly size: number;
}

export interface ConnectionPage {
  readonly connections: readonly Connection[];
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
    await Promise.all(listsOf(connection).map((list) => lists.enlist(list, connection, ttlSeconds)));
  }

  /** Who is due is looked at together with the page, so that what is counted is there. */
  async function readPage(owner: ConnectionOwner, { number, size }: PageAsked) {
    const where = lists.of(owner);
    const part = { from: (number - 1) * size, limit: size, dueLimit: sliceSize - size };
    const { entries, count, due, dueCount } = await store.readList(where.list, part);
    const ids = entries.map(({ member }) => member);
    const connections = await lists.look(where, ids, due);
    const last = Math.max(1, Math.ceil(count / size));
    const isWhole = connections.length === ids.length && number <= last;
    return { page: { connections, number, total: count, isExact: dueCount === 0 }, last, isWhole };
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
      let read = await readPage(owner, { ...asked, number: Math.min(asked.number, mostPages) });
      for (let round = 1; round < maxRounds && !(read.isWhole && read.page.isExact); round += 1) {
        read = await readPage(owner, { ...asked, number: Math.min(asked.number, read.last) });
      }
      return read.page;
    },
    async *slicesOf(owner) {
      const where = lists.of(owner);
      await lists.takeOver(where);
      let after: ListPlace | undefined;
      do {
        const { entries } = await store.readList(where.list, { after, limit: sliceSize });
        yield await lists.look(
          where,
          entries.map(({ member }) => member),
        );
        after = entries.length === sliceSize ? entries.at(-1) : undefined;
      } while (after);
    },
  };
}
