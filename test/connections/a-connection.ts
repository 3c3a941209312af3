import type { Connection } from '../../src/connections/index.ts';

/** 1 August 2026, noon: where the tests' clock is stopped. */
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
