import { describe, expect, it } from '@jest/globals';
import type { JWTPayload } from 'jose';
import { systemClock } from '../../src/clock.ts';
import { type ConnectionChange, createConnections, createRevocations } from '../../src/connections/index.ts';
import { createRecordNames, createVault } from '../../src/storage/index.ts';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { shared } from '../support/shared.ts';
import { testStores } from '../support/test-store.ts';
import { aboutFiles, ask, connectTo, files, startProxied } from './proxied.ts';

const granted = ['organization:read', 'project:read'];

const kept = shared(() => testStores.SQLite());
const server = shared(() => startProxied({ env: kept.env }));
const store = shared(() => createSqliteStore(String(kept.env.DATABASE)));

/** Another node changes the connection; this one learns of it only through the store. */
async function change({ grant_id, org_id }: JWTPayload, to: Partial<ConnectionChange>) {
  const names = createRecordNames('', createVault('a secret that only tests may know'));
  const revocations = createRevocations({ store, names, accessTokenTtl: 3600, clock: systemClock });
  const connections = createConnections({ store, names, revocations, onEnded: () => undefined });
  const unchanged = { organizationId: String(org_id), scopes: granted };
  expect(await connections.change(String(grant_id), { ...unchanged, ...to })).toBeDefined();
}

describe('a token that says what is no longer true', () => {
  it.each<[string, Partial<ConnectionChange>]>([
    ['another organization', { organizationId: 'org_elsewhere' }],
    ['a permission that was taken away', { scopes: ['organization:read'] }],
  ])('of %s is refused, so that its tool renews it', async (_name, to) => {
    const { accessToken: token, claims } = await connectTo(server, files, granted.join(' '));
    expect((await ask(server, { token, tail: aboutFiles })).status).toBe(200);

    await change(claims, to);

    const { status, headers } = await ask(server, { token, tail: aboutFiles });
    expect(status).toBe(401);
    expect(headers['www-authenticate']).toContain('error="invalid_token"');
  });

  it('is welcome while it says no more than is true', async () => {
    const { accessToken: token, claims } = await connectTo(server, files, granted.join(' '));
    await change(claims, {});
    expect((await ask(server, { token, tail: aboutFiles })).status).toBe(200);
  });
});
