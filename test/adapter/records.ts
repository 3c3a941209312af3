import { createAdapter, createRegistrations } from '../../src/adapter/index.ts';
import { type Clock, systemClock } from '../../src/clock.ts';
import type { Connection } from '../../src/connections/index.ts';
import {
  createRecordNames,
  createRequestReads,
  createUnfinished,
  createVault,
  openStore,
  type Store,
  type StoreLocation,
} from '../../src/storage/index.ts';
import { aConnection, connectionsOver } from '../connections/a-connection.ts';

interface Options {
  readonly prefix?: string;
  readonly secrets?: readonly [string, ...string[]];
  readonly refreshGrace?: number;
  readonly clock?: Clock;
  /** In place of one that is opened. */
  readonly store?: Store;
}

export const secret = 'a secret that only tests may know';
export const inMemory: StoreLocation = { kind: 'sqlite', file: ':memory:' };
const day = 24 * 60 * 60;

export const source = {
  clientId: 'dyn-tool',
  accountId: 'ada',
  resource: 'https://api.example/mcp',
  scope: 'project:read offline_access',
  iiat: Date.parse('2026-08-01T12:00:00Z') / 1000,
};

/** The protocol's records over a store, with what they need and nothing else. */
export function openRecords(location: StoreLocation, options: Options = {}) {
  const { prefix = '', secrets = [secret], refreshGrace = 60, clock = systemClock } = options;
  const store = options.store ?? openStore(location, () => undefined, clock);
  const vault = createVault(...secrets);
  const names = createRecordNames(prefix, vault);
  const ended: string[] = [];
  const onEnded = (id: string, why: string) => ended.push(`${id}: ${why}`);
  const { connections } = connectionsOver(store, { names, clock, onEnded });
  const lifetimes = { unused: day, signedIn: 7 * day, used: 30 * day };
  const registrations = createRegistrations({ store, names, lifetimes, clock });
  const unfinished = createUnfinished({ store, names, slots: 0 });
  const reads = createRequestReads(store);
  const records = createAdapter({
    ...{ store, names, vault, reads, registrations, unfinished, connections, refreshGrace, renewalsPerHour: 0 },
    clients: [],
    documents: {
      isDocumentUrl: () => false,
      find: () => Promise.reject(new TypeError('no documents here')),
      withKeys: async (client) => client,
      findUrlError: () => undefined,
    },
    refreshTokenTtl: () => 30 * day,
  });

  /** As an approval and its first code do. */
  async function connect(changes: Partial<Connection> = {}) {
    const connection = aConnection(changes);
    await connections.begin(connection, day);
    return connection;
  }

  /** As the redemption of a code does, without the code: another line of a connection. */
  async function beginLine(connectionId: string) {
    const { id, key, value, token } = records.lines.create(connectionId, source);
    const record = names.connection(connectionId);
    const kept = (await store.read(record))?.value ?? '';
    const connection: Connection = JSON.parse(kept);
    await store.compareAndSet(record, kept, JSON.stringify({ ...connection, lines: [...connection.lines, id] }));
    await store.write(key, value, 30 * day);
    return token;
  }

  /** As a refresh does: the token that follows, or why there is none. */
  async function renew(token: string): Promise<string> {
    const found = await records.lines.find(token);
    if (!found?.connection) return 'unknown';
    const answer = await records.lines.renew(found, 30 * day);
    return typeof answer === 'string' ? answer : 'limited';
  }

  const opened = { store, names, vault, connections, ended };
  return { ...records, ...opened, connect, beginLine, renew, close: () => store.close() };
}
