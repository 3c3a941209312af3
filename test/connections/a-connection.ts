import { type Connection, createConnections, createRevocations } from '../../src/connections/index.ts';
import { createRecordNames, createVault, type RecordNames } from '../../src/storage/index.ts';
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

type Parts = Partial<Pick<Parameters<typeof createConnections>[0], 'onEnded' | 'refreshTokenTtl'>>;

/** Over a store of their own, and a clock that stands still but for what passes. */
export function openConnections(parts: Parts = {}) {
  const { clock, pass } = createTestClock(start * 1000);
  const store = createSqliteStore(':memory:', clock);
  const revocations = createRevocations({ store, names, accessTokenTtl: 3600, clock });
  const onChanged = revocations.connectionChanged;
  const connections = createConnections({ store, names, revocations, onEnded: () => undefined, onChanged, ...parts });
  return { clock, pass, store, revocations, connections };
}
