import type { RecordNames, Store } from '../storage/index.ts';
import type { Connection } from './connection.ts';
import type { ConnectionIndex } from './connection-index.ts';

/** The organization for which an account connected something last: the first one offered next time. */
export interface LastOrganization {
  /** Somebody approved this connection; while nobody has redeemed it, it is none. */
  note(connection: Connection): Promise<void>;
  find(accountId: string): Promise<string | undefined>;
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

  async function connected(accountId: string): Promise<Last | undefined> {
    const { connections } = await findPage({ accountId }, { number: 1, size: lookedThrough });
    return connections.map(toLast).toSorted((a, b) => b.at - a.at)[0];
  }

  const remember = (accountId: string, last: Last) =>
    store.write(names.lastOrganization(accountId), JSON.stringify(last), lastOrganizationTtl);

  return {
    async note(connection) {
      if (!connection.pending) await remember(connection.accountId, toLast(connection));
    },
    async find(accountId) {
      const [before, now] = await Promise.all([remembered(accountId), connected(accountId)]);
      if (!now || now.at < (before?.at ?? 0)) return before?.organizationId;
      // Longer than the connection lives.
      if (now.organizationId !== before?.organizationId) await remember(accountId, now);
      return now.organizationId;
    },
    async forget(accountId) {
      await store.remove([names.lastOrganization(accountId)]);
    },
  };
}

function toLast({ organizationId, approvedAt, createdAt }: Connection): Last {
  return { organizationId, at: approvedAt ?? createdAt };
}
