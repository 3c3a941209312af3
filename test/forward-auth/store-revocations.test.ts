import { describe, expect, it } from '@jest/globals';
import type { JWTPayload } from 'jose';
import { systemClock } from '../../src/clock.ts';
import { type ConnectionChange, createConnections, createRevocations } from '../../src/connections/index.ts';
import { createRecordNames, createVault } from '../../src/storage/index.ts';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { shared } from '../support/shared.ts';
import { testStores } from '../support/test-store.ts';
import { askingAbout, files, passes, refused, startProxied } from './proxied.ts';

const granted = ['organization:read', 'project:read'];

const kept = shared(() => testStores.SQLite());
const server = shared(() => startProxied({ env: kept.env }));
const store = shared(() => createSqliteStore(String(kept.env.DATABASE)));
const { expectTold, connects } = askingAbout(server, files);

/** Another node changes the connection; this one learns of it only through the store. */
async function change({ grant_id, org_id }: JWTPayload, to: Partial<ConnectionChange>) {
  const names = createRecordNames('', createVault('a secret that only tests may know'));
  const revocations = createRevocations({ store, names, accessTokenTtl: 3600, clock: systemClock });
  const connections = createConnections({ store, names, revocations, onEnded: () => undefined });
  const unchanged = { organizationId: String(org_id), scopes: granted };
  expect(await connections.change(String(grant_id), { ...unchanged, ...to })).toBeDefined();
}

describe('a token that says what is no longer true', () => {
  const refusedToken = refused(401, 'error="invalid_token"');
  it.each<[string, Partial<ConnectionChange>, object]>([
    [
      'of another organization is refused, so that its tool renews it',
      { organizationId: 'org_elsewhere' },
      refusedToken,
    ],
    [
      'of a permission that was taken away is refused, so that its tool renews it',
      { scopes: ['organization:read'] },
      refusedToken,
    ],
    ['is welcome while it says no more than is true', {}, passes],
  ])('%s', async (_name, to, told) => {
    const { accessToken: token, claims } = await connects(granted.join(' '));
    await expectTold({ token }, passes);

    await change(claims, to);
    await expectTold({ token }, told);
  });
});
