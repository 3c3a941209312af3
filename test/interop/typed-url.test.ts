import { describe, expect, it } from '@jest/globals';
import { createTestClock, minutes } from '../support/clock.ts';
import { shared } from '../support/shared.ts';
import { startLab } from './client-lab.ts';
import { type RealClient, type RealRow, realClients } from './clients.ts';
import { startClient } from './running-client.ts';

const mcpClients = ['sdk-1', 'client-2', 'mcp-remote', 'inspector'] satisfies RealClient['name'][] as string[];
const rows: RealRow[] = realClients
  .filter(({ name }) => mcpClients.includes(name))
  .flatMap(({ revisions, ...client }) =>
    revisions
      .filter((revision) => revision >= '2025-11-25')
      .map((revision) => ({ ...client, revision, registration: 'registered by itself' as const })),
  );

/** As people and directories of MCP servers write the URL; an official client then sends what was typed as `resource`. */
const typed: readonly (readonly [string, (issuer: string) => string])[] = [
  ['with a query', (issuer) => `${issuer}?read_only=true`],
  ['with a slash', (issuer) => `${issuer}/`],
  ['with 127.0.0.1', (issuer) => issuer.replace('localhost', '127.0.0.1')],
];

describe.each(typed)('the URL of an MCP server typed %s (R93, R102)', (_name, spell) => {
  const { clock, pass } = createTestClock();
  const server = shared(() => startLab({ parts: { clock } }));

  it.each(rows)('connects $client at $revision, from the 401 to the renewal', async (row) => {
    const issuer = spell(server.issuer);
    await using client = await startClient[row.name](row, { ...server, issuer });

    const first = await client.whoami();
    expect(first).toMatchObject({ account: expect.any(String), connection: expect.any(String) });
    pass(minutes(61));

    expect(await client.whoami()).toEqual(first);
    expect(client.visits).toHaveLength(1);
    expect(client.visits[0]?.searchParams.get('resource')).toBe(issuer);
  });
});
