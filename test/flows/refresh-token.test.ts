import { describe, expect, it } from '@jest/globals';
import { days, minutes } from '../support/clock.ts';
import { connect } from '../support/connect.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { recordsOf, type TestStoreKind, testStores } from '../support/test-store.ts';

const refused = { status: 400, body: { error: 'invalid_grant' } };

const kept = shared(() => testStores.SQLite());
const server = shared(() => startServer({ env: kept.env, parts: kept.parts }));

async function renew(client: RelyingParty, refreshToken: string) {
  const answer = await client.refresh(refreshToken);
  if (answer.status !== 200) throw new Error(`not renewed: ${JSON.stringify(answer.body)}`);
  return answer.body.refresh_token ?? '';
}

describe('a refresh token is issued', () => {
  it.each([
    ['without offline_access and without prompt', { scope: 'project:read' }],
    ['with offline_access and without prompt', { scope: 'project:read offline_access' }],
    ['with prompt=consent', { scope: 'project:read', prompt: 'consent' }],
    ['with prompt=login', { scope: 'project:read', prompt: 'login' }],
    ['with openid', { scope: 'openid project:read' }],
    ['with a prompt that nobody supports (R40)', { scope: 'project:read', prompt: 'create' }],
    ['with no scope at all', { scope: undefined }],
  ])('%s (R36)', async (_name, request) => {
    const { client, refreshToken } = await connect(server, { request });

    expect((await client.refresh(refreshToken)).status).toBe(200);
  });

  it('also to a client that registered for codes alone: a tool that is signed out hourly is broken (R17)', async () => {
    const { client, refreshToken } = await connect(server, { client: { grant_types: ['authorization_code'] } });

    expect((await client.refresh(refreshToken)).status).toBe(200);
  });
});

describe('a refresh token', () => {
  it('is rotated at each use (OAuth 2.1 §4.3.1)', async () => {
    const { client, refreshToken } = await connect(server);

    const second = await renew(client, refreshToken);
    const third = await renew(client, second);

    expect(new Set([refreshToken, second, third]).size).toBe(3);
  });

  it('yields a complete answer, without null (RFC 6749 §5.1, R61)', async () => {
    const { client, refreshToken } = await connect(server, { request: { scope: 'project:read' } });

    const { headers, body } = await client.refresh(refreshToken);

    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 3600,
      refresh_token: expect.any(String),
      scope: 'project:read',
    });
    expect(headers.get('cache-control')).toBe('no-store');
  });
});

describe('thirty days', () => {
  it.each([
    ['still good a second before', days(30) - 1, 200],
    ['over a second after', days(30) + 1, 400],
  ])('an unused refresh token is %s', async (_name, later, status) => {
    const { client, refreshToken } = await connect(server);

    await kept.pass(later);

    expect((await client.refresh(refreshToken)).status).toBe(status);
  });

  it('begin anew at each renewal, for the connection too (decision 7)', async () => {
    const { client, refreshToken } = await connect(server);

    await kept.pass(days(29));
    const second = await renew(client, refreshToken);
    await kept.pass(days(29));
    const third = await renew(client, second);
    await kept.pass(days(31));

    expect(await client.refresh(third)).toMatchObject(refused);
  });

  it('can be had for years by a tool that is used (R70)', async () => {
    const connected = await connect(server);
    let { refreshToken } = connected;
    for (let month = 0; month < 24; month += 1) {
      await kept.pass(days(29));
      refreshToken = await renew(connected.client, refreshToken);
    }

    expect((await connected.client.refresh(refreshToken)).status).toBe(200);
  });

  it('end at the cap of a connection, however often it is used (lifetimes.connection)', async () => {
    await using capped = await startServer({ policy: { lifetimes: { connection: days(40) } }, parts: kept.parts });
    const { client, refreshToken } = await connect(capped);

    await kept.pass(days(25));
    const second = await renew(client, refreshToken);
    await kept.pass(days(14));
    const third = await renew(client, second);
    await kept.pass(days(2));

    expect(await client.refresh(third)).toMatchObject(refused);
  });
});

describe('a refresh token that was used', () => {
  it('is answered with the identical successor for sixty seconds (decision 6, R65)', async () => {
    const { client, refreshToken } = await connect(server);
    const successor = await renew(client, refreshToken);

    await kept.pass(59);

    expect(await renew(client, refreshToken)).toBe(successor);
    expect((await client.refresh(successor)).status).toBe(200);
  });

  it('is answered with the newest when the successor was used already, which stays valid (R65, R66)', async () => {
    const { client, refreshToken } = await connect(server);
    const successor = await renew(client, refreshToken);
    const newest = await renew(client, successor);

    expect(await renew(client, refreshToken)).toBe(newest);
    expect(await renew(client, successor)).toBe(newest);
    await kept.pass(minutes(60));
    expect((await client.refresh(newest)).status).toBe(200);
  });

  it('does not make its used successor good again (decision 6)', async () => {
    const { client, refreshToken } = await connect(server);
    const successor = await renew(client, refreshToken);
    const newest = await renew(client, successor);
    await renew(client, refreshToken);
    await kept.pass(61);

    expect(await client.refresh(successor)).toMatchObject(refused);
    expect(await client.refresh(newest)).toMatchObject(refused);
  });

  it('ends the connection when it comes back later, and says so in the log (RFC 9700 §4.14.2)', async () => {
    const { client, refreshToken, claims } = await connect(server);
    const successor = await renew(client, refreshToken);
    await kept.pass(61);

    expect(await client.refresh(refreshToken)).toMatchObject(refused);
    expect(await client.refresh(successor)).toMatchObject(refused);
    expect(server.logLines).toContainEqual(
      expect.objectContaining({
        event: 'connection.revoked',
        reason: 'token replayed',
        connection: claims.grant_id,
        client: client.clientId,
      }),
    );
  });

  it('ends no other connection of the same person', async () => {
    const [mine, other] = [await connect(server), await connect(server)];
    await renew(mine.client, mine.refreshToken);
    await kept.pass(61);
    await mine.client.refresh(mine.refreshToken);

    expect((await other.client.refresh(other.refreshToken)).status).toBe(200);
  });

  it('has no grace when the policy gives none (lifetimes.refreshGrace)', async () => {
    await using strict = await startServer({ policy: { lifetimes: { refreshGrace: 0 } }, parts: kept.parts });
    const { client, refreshToken } = await connect(strict);
    const successor = await renew(client, refreshToken);

    expect(await client.refresh(refreshToken)).toMatchObject(refused);
    expect(await client.refresh(successor)).toMatchObject(refused);
  });
});

describe.each(Object.keys(testStores) as TestStoreKind[])('what is kept of a connection in %s', (kind) => {
  it('lives as long as the newest refresh token (decision 7, R71)', async () => {
    await using store = await testStores[kind]();
    await using keeping = await startServer({ env: store.env, parts: store.parts });
    const { client, refreshToken } = await connect(keeping);
    await renew(client, refreshToken);

    for (const name of ['refresh-line', 'connection']) {
      const records = await recordsOf(store, name);
      expect({ name, found: records.length > 0 }).toEqual({ name, found: true });
      for (const { secondsLeft } of records) expect(secondsLeft).toBeGreaterThan(days(30) - 60);
    }
  });
});
