import { describe, expect, it } from '@jest/globals';
import { minutes } from '../support/clock.ts';
import { shared } from '../support/shared.ts';
import { startLab, startRevisionLab } from './client-lab.ts';
import { type RealClient, realRows, revisions } from './clients.ts';
import { startClient } from './running-client.ts';

const clientIds = {
  'registered by itself': /^dyn-/,
  'described by a document': /^https:/,
  'registered beforehand': /^editor$/,
};

/** The rows of the table that belong to these clients, one test each. */
export function connectAndRenew(...names: readonly RealClient['name'][]): void {
  describe.each(revisions)('an MCP server of %s connects', (revision) => {
    const lab = shared(() => startRevisionLab(revision));
    const rows = realRows.filter((row) => row.revision === revision && names.includes(row.name));

    it.each(rows)('$client, $registration, with one visit to the browser, and renews without', async (row) => {
      await using client = await startClient[row.name](row, lab.server);

      const first = await client.whoami();
      expect(first).toMatchObject({ account: expect.any(String), connection: expect.any(String) });
      expect(lab.spoken()).toBe(revision);
      lab.pass(minutes(61));

      expect(await client.whoami()).toEqual(first);
      expect(client.visits).toHaveLength(1);
      expect(client.visits[0]?.searchParams.has('resource')).toBe(revision !== '2025-03-26');
      expect(client.visits[0]?.searchParams.get('client_id')).toMatch(clientIds[row.registration]);
    });
  });
}

export function mindDeclining(name: RealClient['name']): void {
  it('is not connected when its person declines', async () => {
    await using server = await startLab();
    const row = { registration: 'registered by itself', revision: '2025-11-25' } as const;
    await using client = await startClient[name](row, server, { declines: true });

    await expect(client.whoami()).rejects.toThrow('declined');
    expect(client.visits).toHaveLength(1);
  });
}
