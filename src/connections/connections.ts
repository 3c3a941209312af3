import type { RecordNames, Store } from '../storage/index.ts';
import type { ChangeReason, Connection } from './connection.ts';
import { type ConnectionChange, createConnectionChange } from './connection-change.ts';
import { type ConnectionIndex, createConnectionIndex } from './connection-index.ts';
import { type ConnectionLimits, createConnectionLimits } from './connection-limits.ts';
import { updateRecord } from './connection-record.ts';
import type { RevocationReason } from './revocation-entry.ts';
import type { Revocations } from './revocations.ts';

export interface Connections
  extends ConnectionLimits,
    Pick<ConnectionIndex, 'findByAccount' | 'findByOrganization' | 'findByClient'> {
  /** Keeps a new connection; it lives as long as its newest refresh token, which extends it (decision 7). */
  begin(connection: Connection, ttlSeconds: number): Promise<void>;
  find(connectionId: string): Promise<Connection | undefined>;
  /** Remembers that it was used, which is seen when a token is issued; at most once a minute, because nobody reads it more closely. */
  touch(connection: Connection, atSeconds: number): Promise<void>;
  /** Calls it something else; nothing when it is gone. */
  rename(connectionId: string, label: string): Promise<Connection | undefined>;
  /**
   * Moves it to another organization, or takes scopes away, or both: its next token is issued so. Whoever listens is told
   * first that those before do not count, every time this is asked for. Never gives it a scope that it has not. Nothing when it is gone.
   */
  change(connectionId: string, change: ConnectionChange): Promise<Connection | undefined>;
  /** The one way in which a connection ends, with everything issued under it; tells whoever listens why. */
  end(connectionId: string, reason: RevocationReason): Promise<void>;
  /** All that people approved for this client. */
  endOfClient(clientId: string): Promise<void>;
  /** The organization this account chose last: the first one offered next time. */
  findLastOrganization(accountId: string): Promise<string | undefined>;
}

export interface ConnectionsParts {
  readonly store: Store;
  readonly names: RecordNames;
  readonly revocations: Pick<Revocations, 'connectionEnded'>;
  /** Somebody approved this client. */
  readonly onBegun?: (clientId: string) => Promise<void>;
  /** Once a connection, however many ask for its end at the same time. */
  readonly onEnded: (connectionId: string, reason: RevocationReason, connection: Connection) => void;
  /** Waited for: the change is answered when this is done. */
  readonly onChanged?: (connection: Connection, reason: ChangeReason) => Promise<void> | void;
  /** How long a connection lives that is not used, in seconds. */
  readonly refreshTokenTtl?: number;
}

/** Longer than people stay away from a tool; the answer only orders a list. */
const lastOrganizationTtl = 400 * 24 * 60 * 60;
const touchIntervalSeconds = 60;
const thirtyDays = 30 * 24 * 60 * 60;

export function createConnections(parts: ConnectionsParts): Connections {
  const { store, names, revocations, onEnded, onBegun, onChanged = () => undefined } = parts;
  const { refreshTokenTtl = thirtyDays } = parts;
  const index = createConnectionIndex({ store, names, refreshTokenTtl });
  const { findByAccount, findByOrganization, findByClient } = index;
  const ending = new Map<string, Promise<void>>();

  async function find(connectionId: string): Promise<Connection | undefined> {
    const record = await store.read(names.connection(connectionId));
    return record && JSON.parse(record.value);
  }

  async function endNow(connectionId: string, reason: RevocationReason): Promise<void> {
    const connection = await find(connectionId);
    // Gone: whoever ended it told the gateways before.
    if (!connection) return;
    // The feed first: a token that is refused while its connection exists harms nobody, one that no gateway hears of does.
    await revocations.connectionEnded(connection, reason);
    // One step, and without the connection no code and no refresh token of it is accepted.
    const lines = (connection.lines ?? []).map((line) => names.refreshLine(connectionId, line));
    const removed = await store.remove([names.connection(connectionId), ...lines]);
    await index.remove(connection);
    if (removed > 0) onEnded(connectionId, reason, connection);
  }

  /** Once, however many of its parts end at the same time: oidc-provider ends a grant part by part and in parallel. */
  function end(connectionId: string, reason: RevocationReason): Promise<void> {
    const running = ending.get(connectionId);
    if (running) return running;
    const started = endNow(connectionId, reason).finally(() => ending.delete(connectionId));
    ending.set(connectionId, started);
    return started;
  }

  return {
    findByAccount,
    findByOrganization,
    findByClient,
    find,
    end,
    async endOfClient(clientId) {
      const left = await findByClient(clientId);
      await Promise.all(left.map(({ id }) => end(id, 'client removed')));
    },
    ...createConnectionLimits({ store, names }),
    change: createConnectionChange({ store, names, index, onChanged }),

    async begin(connection, ttlSeconds) {
      const { id, accountId, organizationId } = connection;
      // Before it is in any index: a reader drops what it finds there without a record.
      await store.write(names.connection(id), JSON.stringify(connection), ttlSeconds);
      await Promise.all([
        index.add(connection),
        onBegun?.(connection.clientId),
        store.write(names.lastOrganization(accountId), JSON.stringify({ organizationId }), lastOrganizationTtl),
      ]);
    },

    async touch(connection, atSeconds) {
      if (atSeconds - connection.lastUsedAt < touchIntervalSeconds) return;
      const key = names.connection(connection.id);
      const use = (known: Connection) => ({ ...known, lastUsedAt: Math.max(known.lastUsedAt, atSeconds) });
      // Once without reading: nearly always nobody has changed it since it was read.
      const [isWritten] = await Promise.all([
        store.compareAndSet(key, JSON.stringify(connection), JSON.stringify(use(connection))),
        index.renew(connection, atSeconds),
      ]);
      if (!isWritten) await updateRecord<Connection>(store, key, use);
    },

    rename: (connectionId, label) =>
      updateRecord<Connection>(store, names.connection(connectionId), (connection) => ({ ...connection, label })),

    async findLastOrganization(accountId) {
      const record = await store.read(names.lastOrganization(accountId));
      return record && JSON.parse(record.value).organizationId;
    },
  };
}
