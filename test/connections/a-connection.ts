import { type Clock, systemClock } from '../../src/clock.ts';
import { type Connection, createConnections, createRevocations } from '../../src/connections/index.ts';
import {
  createRecordNames,
  createVault,
  type RecordNames,
  type Store,
  StoreUnavailable,
} from '../../src/storage/index.ts';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { createTestClock } from '../support/clock.ts';

/** 1 August 2026, noon: where the tests' clock stands. */
export const start = Date.parse('2026-08-01T12:00:00Z') / 1000;

export function aConnection(changes: Partial<Connection> = {}): Connection {
  return {
    id: 'grant-of-ada',
    accountId: 'ada',
    clientId: 'dyn-tool',
    clientName: 'A tool',
    redirectHost: '127.0.0.1:8765',
    organizationId: 'org_acme',
    resource: 'https://api.example/mcp',
    scopes: ['project:read', 'project:create', 'project:delete'],
    identityScopes: [],
    lines: [],
    label: 'A tool on Mac',
    createdAt: start,
    lastUsedAt: start,
    address: '192.0.2.1',
    userAgent: 'A browser',
    ...changes,
  };
}

export const names: RecordNames = createRecordNames('', createVault('a secret that only tests may know'));

type Parts = Partial<Pick<Parameters<typeof createConnections>[0], 'onEnded' | 'onChanged' | 'refreshTokenTtl'>>;

/** Over a store of their own, and a clock that stands still but for what passes. */
export function openConnections(parts: Parts = {}) {
  const { clock, pass } = createTestClock(start * 1000);
  const store = createSqliteStore(':memory:', clock);
  return { clock, pass, close: () => store.close(), ...connectionsOver(store, { clock, ...parts }) };
}

/** Over this store. */
export function connectionsOver(store: Store, parts: Parts & { clock?: Clock; names?: RecordNames } = {}) {
  const common = { store, names, clock: systemClock, ...parts };
  const revocations = createRevocations({ accessTokenTtl: 3600, ...common });
  const onChanged = revocations.connectionChanged;
  const connections = createConnections({ revocations, onEnded: () => undefined, onChanged, ...common });
  return { store, revocations, connections };
}

/** The same store, where something comes before these methods. */
export function withBefore(store: Store, methods: readonly (keyof Store)[], before: () => Promise<void>): Store {
  return new Proxy(store, {
    get(target, name) {
      const method = Reflect.get(target, name).bind(target);
      if (!methods.includes(name as keyof Store)) return method;
      return async (...given: unknown[]) => {
        await before();
        return method(...given);
      };
    },
  });
}

/** The store of a process that ends after so many writes. */
export function dyingAfter(writes: number, store: Store, methods: readonly (keyof Store)[]): Store {
  let made = 0;
  return withBefore(store, methods, async () => {
    made += 1;
    if (made > writes) throw new StoreUnavailable('the process is gone');
  });
}

/** What the gateways were told. */
export const toldOf = async (store: Store, of: RecordNames = names) =>
  (await store.readFeed(of.revocations(), undefined, 1000)).map(({ entry }) => JSON.parse(entry));
