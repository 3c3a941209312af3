import { expect, it } from '@jest/globals';
import { startLab } from './client-lab.ts';
import { connectAndRenew } from './connects-and-renews.ts';
import { startInspector } from './inspector.ts';

connectAndRenew('inspector');

it('is not connected when its person declines', async () => {
  await using server = await startLab();
  const row = { registration: 'registered by itself', revision: '2025-11-25' } as const;
  await using client = await startInspector(row, server, { declines: true });

  await expect(client.whoami()).rejects.toThrow('declined');
  expect(client.visits).toHaveLength(1);
});
