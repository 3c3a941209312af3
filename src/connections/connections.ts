import { isAnotherDay } from '../clock.ts';
import { keepMeanwhile, type RecordNames, type Store } from '../storage/index.ts';
import { type Approval, createApproveAgain, type Postponed } from './approval.ts';
import type { ChangeReason, Connection } from './connection.ts';
import { type ConnectionChange, createConnectionChange } from './connection-change.ts';
import { type ConnectionIndex, createConnectionIndex } from './connection-index.ts';
import { type ConnectionLimits, createConnectionLimits } from './connection-limits.ts';
import type { ConnectionOwner } from './connection-lists.ts';
import { updateRecord } from './connection-record.ts';
import { createEndAll } from './end-all.ts';
import { createInstallations, type Installation } from './installations.ts';
import { createLastOrganization, type LastOrganization } from './last-organization.ts';
import type { RevocationReason } from './revocation-entry.ts';
import type { Revocations } from './revocations.ts';

export interface Connections extends ConnectionLimits, Pick<ConnectionIndex, 'findPage' | 'slicesOf'> {
  /** Keeps a new connection; it lives as long as its newest refresh token, which extends it. */
  begin(connection: Connection, ttlSeconds: number): Promise<void>;
  /**
   * Keeps what a person approved, in the connection that this installation has for the organization and resource, or in a
   * new one: of any number of approvals at once one begins it, and the others are of the same. `known`: as it was read; what it is by now decides.
   */
  approve(approval: Approval, known: Connection | undefined, ttlSeconds: number): Promise<Connection | Postponed>;
  /** What an installation has for these organizations, of which something was redeemed. */
  findInstalled(installation: Installation, organizationIds: readonly string[]): Promise<Connection[]>;
  /** The records that `findInstalled` reads, as far as this process has seen them. */
  recordsOfInstalled(installation: Installation, organizationIds: readonly string[]): string[];
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
  /** A slice at a time, again until none is left: also those that begin meanwhile. Answers how many there were. */
  endAll(
    owner: ConnectionOwner,
    reason: RevocationReason,
    isMeant?: (connection: Connection) => boolean,
  ): Promise<number>;
  /** All that people approved for this client. */
  endOfClient(clientId: string): Promise<void>;
  readonly findLastOrganization: LastOrganization['find'];
  readonly findFirstOrganization: LastOrganization['findFirst'];
  readonly forgetAccount: LastOrganization['forget'];
}

interface ConnectionsParts {
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
  /** How long one lives at most, where that is limited. */
  readonly longestLife?: number | undefined;
}

const touchIntervalSeconds = 60;
const maxJoins = 10;
const daySeconds = 24 * 60 * 60;
const thirtyDays = 30 * daySeconds;

export function createConnections(parts: ConnectionsParts): Connections {
  const { store, names, revocations, onEnded, onBegun, onChanged = () => undefined } = parts;
  const { refreshTokenTtl = thirtyDays, longestLife } = parts;
  const index = createConnectionIndex({ store, names, refreshTokenTtl, longestLife });
  const { findPage, slicesOf } = index;
  const installations = createInstallations({ store, names, ttlSeconds: refreshTokenTtl + 2 * daySeconds });
  const onNarrowed = (connection: Connection) => onChanged(connection, 'permissions narrowed');
  const limits = createConnectionLimits({ store, names });
  const lastOrganization = createLastOrganization({ store, names, findPage });
  const approveAgain = createApproveAgain({ store, names, find, limits, onNarrowed });
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
    const [places] = await Promise.all([
      installations.placesOf(connection),
      revocations.connectionEnded(connection, reason),
    ]);
    // One step, and without the connection no code and no refresh token of it is accepted.
    const lines = (connection.lines ?? []).map((line) => names.refreshLine(connectionId, line));
    const removed = await store.remove([names.connection(connectionId), ...lines, ...places]);
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

  const endAll = createEndAll({ slicesOf, end });

  /** Somebody was faster, in another tab: what was approved here belongs to the connection that began there. */
  async function join(approval: Approval, ttlSeconds: number): Promise<Connection | Postponed | undefined> {
    for (let attempt = 0; attempt < maxJoins; attempt++) {
      const holder = await installations.claim(approval.connection);
      if (!holder) return undefined;
      const joined = await approveAgain(holder, approval, ttlSeconds);
      // Otherwise that one has ended since, and the place is free.
      if (joined) return joined;
    }
    return undefined;
  }

  /** What finds it lives on with it. */
  async function renew(connection: Connection, atSeconds: number): Promise<void> {
    if (!isAnotherDay(connection.lastUsedAt, atSeconds)) return;
    await Promise.all([index.renew(connection, atSeconds), installations.renew(connection)]);
  }

  async function noteApproval(connection: Connection): Promise<void> {
    await Promise.all([onBegun?.(connection.clientId), lastOrganization.note(connection)]);
  }

  /** Before it is in any index: a reader drops what it finds there without a record. */
  const keep = (connection: Connection, ttlSeconds: number) =>
    store.write(names.connection(connection.id), JSON.stringify(connection), ttlSeconds);

  const list = (connection: Connection, ttlSeconds: number) =>
    Promise.all([index.add(connection, ttlSeconds), noteApproval(connection)]);

  return {
    findPage,
    slicesOf,
    find,
    end,
    endAll,
    async endOfClient(clientId) {
      await endAll({ clientId }, 'client removed');
    },
    ...limits,
    change: createConnectionChange({ store, names, index, installations, onChanged }),

    async begin(connection, ttlSeconds) {
      await keep(connection, ttlSeconds);
      await list(connection, ttlSeconds);
    },

    async approve(approval, known, ttlSeconds) {
      const { connection } = approval;
      const again = known === undefined ? undefined : await approveAgain(known, approval, ttlSeconds);
      if (again && 'id' in again) await keepMeanwhile(noteApproval(again));
      if (again) return again;
      await keep(connection, ttlSeconds);
      const [joined] = await Promise.all([join(approval, ttlSeconds), list(connection, ttlSeconds)]);
      if (!joined) return connection;
      await store.remove([names.connection(connection.id)]);
      await index.remove(connection);
      return joined;
    },

    findInstalled: async (installation, organizationIds) =>
      (await installations.find(installation, organizationIds)).filter(({ pending }) => !pending),
    recordsOfInstalled: installations.recordsOf,

    async touch(connection, atSeconds) {
      if (atSeconds - connection.lastUsedAt < touchIntervalSeconds) return;
      const key = names.connection(connection.id);
      const use = (known: Connection) => ({ ...known, lastUsedAt: Math.max(known.lastUsedAt, atSeconds) });
      // Once without reading: nearly always nobody has changed it since it was read.
      const [isWritten] = await Promise.all([
        store.compareAndSet(key, JSON.stringify(connection), JSON.stringify(use(connection))),
        renew(connection, atSeconds),
      ]);
      if (!isWritten) await updateRecord<Connection>(store, key, use);
    },

    rename: (connectionId, label) =>
      updateRecord<Connection>(store, names.connection(connectionId), (connection) => ({ ...connection, label })),

    findLastOrganization: lastOrganization.find,
    findFirstOrganization: lastOrganization.findFirst,
    forgetAccount: lastOrganization.forget,
  };
}
