import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/clock.ts';
import type { LocalDirectory } from '../../src/directory/index.ts';
import { approve } from '../support/approval.ts';
import { connect } from '../support/connect.ts';
import { basic, gateway, policyWithGateway, stranger } from '../support/gateway-policy.ts';
import { openStream } from '../support/revocation-stream.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { type TestStore, type TestStoreKind, testStores } from '../support/test-store.ts';

const refreshGrace = 1; // Redis has a clock of its own, so this is waited for.

async function start(kept: TestStore) {
  using policy = policyWithGateway({ lifetimes: { refreshGrace } });
  return await startServer({ env: { ...kept.env, ...policy.env }, parts: kept.parts });
}

/** A gateway that knows of everything so far. */
async function openCurrent(issuer: string) {
  const stream = await openStream(issuer);
  await stream.untilCurrent();
  return stream;
}
const entriesOf = async (issuer: string, after?: string) => {
  await using stream = await openStream(issuer, after);
  return (await stream.untilCurrent()).map(({ entry }) => entry);
};

describe.each(Object.keys(testStores) as TestStoreKind[])('the feed of revocations, kept in %s,', (kind) => {
  const kept = shared(() => testStores[kind]());
  const server = shared(() => start(kept));

  it('begins with everything that can still matter, and says when that is all', async () => {
    const { client, refreshToken, claims } = await connect(server);
    await client.post('revoke', { token: refreshToken });

    await using stream = await openStream(server.issuer);

    expect(stream.response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(stream.response.headers.get('cache-control')).toBe('no-store, no-transform');
    const told = await stream.untilCurrent();
    expect(told.at(-1)?.entry).toMatchObject({ kind: 'connection', id: claims.grant_id });
  });

  it('goes on after the last event that was seen, without a gap and without repeating (Last-Event-ID)', async () => {
    const connected = [await connect(server), await connect(server), await connect(server)];
    await using before = await openCurrent(server.issuer);
    const cursors: string[] = [];
    for (const { client, refreshToken } of connected) {
      await client.post('revoke', { token: refreshToken });
      cursors.push((await before.next()).cursor);
    }

    const ids = (await entriesOf(server.issuer, cursors[0])).map(({ id }) => id);
    expect(ids).toEqual(connected.slice(1).map(({ claims }) => claims.grant_id));
  });

  it('begins anew for a cursor that it never gave', async () =>
    expect(await entriesOf(server.issuer, 'of another server')).toEqual(await entriesOf(server.issuer)));

  it('tells of a refresh token that its tool revoked, once, with the time and until when it matters', async () => {
    const { client, refreshToken, claims } = await connect(server);
    await using stream = await openCurrent(server.issuer);
    const { clock = systemClock } = kept.parts;
    const earliest = clock.seconds();
    await client.post('revoke', { token: refreshToken });

    const { at, ...said } = (await stream.next()).entry;
    const until = Number(at) + 3960;
    const { issuer: resource } = server;
    expect(said).toEqual({ kind: 'connection', id: claims.grant_id, resource, until, reason: 'ended by the tool' });
    expect(at).toBeGreaterThanOrEqual(earliest);
    expect(at).toBeLessThanOrEqual(clock.seconds());
    expect(await stream.untilCurrent()).toEqual([]);
  });

  it('tells of a connection whose refresh token was replayed after the grace', async () => {
    const { client, refreshToken, claims } = await connect(server);
    await client.refresh(refreshToken);
    await kept.pass(refreshGrace);

    await client.refresh(refreshToken);

    const ended = { kind: 'connection', id: claims.grant_id, reason: 'token replayed' };
    expect(await entriesOf(server.issuer)).toContainEqual(expect.objectContaining(ended));
  });

  it('tells of a code that was redeemed twice (RFC 6749 §4.1.2)', async () => {
    const { client, person } = await connect(server);
    const { redeem } = await approve(client, person);
    await redeem();
    await using stream = await openCurrent(server.issuer);

    await redeem();

    expect((await stream.next()).entry).toMatchObject({ kind: 'connection', reason: 'token replayed' });
  });
});

describe('the feed of revocations', () => {
  const kept = shared(() => testStores.SQLite());
  const server = shared(() => start(kept));
  const feedOf = (headers: Record<string, string> = {}, method = 'GET') =>
    fetch(`${server.issuer}/oauth/revocations`, { method, headers });

  it.each([
    ['leaves an organization', 'endMembership', 'membership ended', true],
    ['is disabled', 'disableAccount', 'account disabled', false],
  ] as const)('tells of every connection of an account that %s', async (name, action, reason, isOne) => {
    const directory = server.server.directory as LocalDirectory;
    const { id: acme = '' } = (await directory.findOrganizationBySlug('acme')) ?? {};
    const actions = { email: `${action.toLowerCase()}@example.com`, password: 'a long password' };
    const memberships = [{ organizationId: acme, role: 'owner' }];
    const account = await directory.createAccount({ ...actions, name, memberships });
    const connected = [await connect(server, { actions }), await connect(server, { actions })];
    await using stream = await openCurrent(server.issuer);

    await directory[action](account.id, acme);

    const left = await stream.next();
    const ended = [await stream.next(), await stream.next()];
    const organizationId = isOne ? acme : '*';
    expect(left.entry).toMatchObject({ kind: 'membership', accountId: account.id, organizationId, reason });
    expect(new Set(ended.map(({ entry }) => entry.id))).toEqual(
      new Set(connected.map(({ claims }) => claims.grant_id)),
    );
    expect((await connected[0]?.client.refresh(connected[0].refreshToken))?.status).toBe(400);
  });

  it.each([
    ['nobody', {}],
    ['a wrong secret', basic({ ...gateway, clientSecret: 'guessed' })],
    ['a client that no resource names', basic(stranger)],
    ['a client that does not exist', basic({ ...gateway, clientId: 'nobody' })],
    ['a client whose id is a document to fetch', basic({ ...gateway, clientId: 'https://tool.example/client.json' })],
    ['another scheme', { Authorization: `Bearer ${gateway.clientSecret}` }],
    ['no base64', { Authorization: 'Basic %%%' }],
    ['a broken encoding', { Authorization: `Basic ${Buffer.from('%zz:%zz').toString('base64')}` }],
  ])('tells %s nothing, in the same words', async (_name, headers: Record<string, string>) => {
    const response = await feedOf(headers);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe(`Basic realm="${server.issuer}"`);
    expect(await response.json()).toEqual({ error: 'invalid_client' });
  });

  it('is only read', async () => {
    const response = await feedOf(basic(gateway), 'POST');
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET']);
  });

  it('is not for scripts of other origins', async () => {
    const response = await feedOf({ Origin: 'https://web.example' });
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    await response.body?.cancel();
  });

  it('does not mention what cannot matter any more', async () => {
    const { client, refreshToken, claims } = await connect(server);
    await client.post('revoke', { token: refreshToken });
    await kept.pass(3961);

    expect((await entriesOf(server.issuer)).map(({ id }) => id)).not.toContain(claims.grant_id);
  });

  it('ends when the server does, so that nothing waits for it', async () => {
    await using stream = await openCurrent(server.issuer);
    server.server.revocation.feed.close();
    await stream.ended();
  });
});
