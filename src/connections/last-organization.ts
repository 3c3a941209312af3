import type { RecordNames, Store } from '../storage/index.ts';
import type { Connection } from './connection.ts';
import type { ConnectionIndex } from './connection-index.ts';

/** For which organization an account connected something last. */
export interface LastOrganization {
  /** Somebody approved this connection; while nobody has redeemed it, it is none. */
  note(connection: Connection): Promise<void>;
  find(accountId: string): Promise<string | undefined>;
  /** The first one to offer: that, or the one that was just chosen, of which nothing is left when nobody redeems it. */
  findFirst(accountId: string): Promise<string | undefined>;
  forget(accountId: string): Promise<void>;
}

interface Parts {
  readonly store: Store;
  readonly names: Pick<RecordNames, 'lastOrganization'>;
  readonly findPage: ConnectionIndex['findPage'];
}

interface Last {
  readonly organizationId: string;
  readonly at: number;
}

/** Longer than people stay away from a tool; the answer only orders a list. */
const lastOrganizationTtl = 400 * 24 * 60 * 60;
/** Of the newest: who has more, and approves one of the others anew, is remembered by the record. */
const lookedThrough = 50;

export function createLastOrganization({ store, names, findPage }: Parts): LastOrganization {
  async function remembered(accountId: string): Promise<Last | undefined> {
    const record = await store.read(names.lastOrganization(accountId));
    return record && { at: 0, ...JSON.parse(record.value) };
  }

  const listed = (accountId: string) => findPage({ accountId }, { number: 1, size: lookedThrough });

  const remember = (accountId: string, last: Last) =>
    store.write(names.lastOrganization(accountId), JSON.stringify(last), lastOrganizationTtl);

  return {
    async note(connection) {
      if (!connection.pending) await remember(connection.accountId, toLast(connection));
    },
    async find(accountId) {
      const [before, { connections }] = await Promise.all([remembered(accountId), listed(accountId)]);
      const now = newest(connections);
      if (!now || now.at < (before?.at ?? 0)) return before?.organizationId;
      // Longer than the connection lives.
      if (now.organizationId !== before?.organizationId) await remember(accountId, now);
      return now.organizationId;
    },
    async findFirst(accountId) {
      const [before, { connections, pending }] = await Promise.all([remembered(accountId), listed(accountId)]);
      const now = newest([...connections, ...pending]);
      return now && now.at >= (before?.at ?? 0) ? now.organizationId : before?.organizationId;
    },
    async forget(accountId) {
      await store.remove([names.lastOrganization(accountId)]);
    },
  };
}

function newest(connections: readonly Connection[]): Last | undefined {
  return connections.map(toLast).toSorted((a, b) => b.at - a.at)[0];
}

function toLast({ organizationId, approvedAt, createdAt }: Connection): Last {
  return { organizationId, at: approvedAt ?? createdAt };
}
