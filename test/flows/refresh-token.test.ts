import { describe, expect, it } from '@jest/globals';
import { createTestClock, days, minutes } from '../support/clock.ts';
import { connect } from '../support/connect.ts';
import { refusal } from '../support/endpoints.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { recordsOf, type TestStoreKind, testStores } from '../support/test-store.ts';

const { clock, pass } = createTestClock();
const server = shared(() => startServer({ parts: { clock } }));

/** A tool that renews, or does not any more. */
async function connected(at = server, options: Parameters<typeof connect>[1] = {}) {
  const { client, refreshToken, claims } = await connect(at, options);
  return {
    client,
    claims,
    first: refreshToken,
    async renew(token: string) {
      const { status, body } = await client.refresh(token);
      expect({ status, body }).toMatchObject({ status: 200 });
      return body.refresh_token ?? '';
    },
    expectRefused: async (token: string) =>
      expect(await client.refresh(token)).toMatchObject(refusal(400, 'invalid_grant')),
  };
}

describe('a refresh token is issued', () => {
  async function expectRenewal(options: Parameters<typeof connect>[1]) {
    const { first, renew } = await connected(server, options);
    await renew(first);
  }

  it.each([
    ['without offline_access and without prompt', { scope: 'project:read' }],
    ['with offline_access and without prompt', { scope: 'project:read offline_access' }],
    ['with prompt=consent', { scope: 'project:read', prompt: 'consent' }],
    ['with prompt=login', { scope: 'project:read', prompt: 'login' }],
    ['with openid', { scope: 'openid project:read' }],
    ['with a prompt that nobody supports (R40)', { scope: 'project:read', prompt: 'create' }],
    ['with no scope at all', { scope: undefined }],
  ])('%s (R36)', (_name, request) => expectRenewal({ request }));

  it('also to a client that registered for codes alone: a tool that is signed out hourly is broken (R17)', () =>
    expectRenewal({ client: { grant_types: ['authorization_code'] } }));
});

describe('a refresh token', () => {
  it('is rotated at each use (OAuth 2.1 §4.3.1)', async () => {
    const { first, renew } = await connected();
    const second = await renew(first);
    expect(new Set([first, second, await renew(second)]).size).toBe(3);
  });

  it('yields a complete answer, without null (RFC 6749 §5.1, R61)', async () => {
    const { client, first } = await connected(server, { request: { scope: 'project:read' } });
    const { headers, body } = await client.refresh(first);

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
    const { client, first } = await connected();
    pass(later);
    expect((await client.refresh(first)).status).toBe(status);
  });

  it('begin anew at each renewal, for the connection too', async () => {
    const { first, renew, expectRefused } = await connected();
    pass(days(29));
    const second = await renew(first);
    pass(days(29));
    const third = await renew(second);
    pass(days(31));
    await expectRefused(third);
  });

  it('can be had for years by a tool that is used (R70)', async () => {
    const { first, renew } = await connected();
    let token = first;
    for (let month = 0; month < 24; month += 1) {
      pass(days(29));
      token = await renew(token);
    }
    await renew(token);
  });

  it('end at the cap of a connection, however often it is used (lifetimes.connection)', async () => {
    await using capped = await startServer({ policy: { lifetimes: { connection: days(40) } }, parts: { clock } });
    const { first, renew, expectRefused } = await connected(capped);
    pass(days(25));
    const second = await renew(first);
    pass(days(14));
    const third = await renew(second);
    pass(days(2));
    await expectRefused(third);
  });
});

describe('a refresh token that was used', () => {
  it('is answered with the identical successor for sixty seconds (R65)', async () => {
    const { first, renew } = await connected();
    const successor = await renew(first);
    pass(59);
    expect(await renew(first)).toBe(successor);
    await renew(successor);
  });

  it('is answered with the newest when the successor was used already, which stays valid (R65, R66)', async () => {
    const { first, renew } = await connected();
    const successor = await renew(first);
    const newest = await renew(successor);
    expect([await renew(first), await renew(successor)]).toEqual([newest, newest]);
    pass(minutes(60));
    await renew(newest);
  });

  it('does not make its used successor good again', async () => {
    const { first, renew, expectRefused } = await connected();
    const successor = await renew(first);
    const newest = await renew(successor);
    await renew(first);
    pass(61);
    await expectRefused(successor);
    await expectRefused(newest);
  });

  it('ends no other connection of the same person', async () => {
    const [mine, other] = [await connected(), await connected()];
    await mine.renew(mine.first);
    pass(61);
    await mine.expectRefused(mine.first);
    await other.renew(other.first);
  });

  it('has no grace when the policy gives none (lifetimes.refreshGrace)', async () => {
    await using strict = await startServer({ policy: { lifetimes: { refreshGrace: 0 } }, parts: { clock } });
    const { first, renew, expectRefused } = await connected(strict);
    const successor = await renew(first);
    await expectRefused(first);
    await expectRefused(successor);
  });
});

describe.each(Object.keys(testStores) as TestStoreKind[])('what is kept of a connection in %s', (kind) => {
  it('lives as long as the newest refresh token (R71)', async () => {
    await using store = await testStores[kind]();
    await using keeping = await startServer({ env: store.env, parts: store.parts });
    const { first, renew } = await connected(keeping);
    await renew(first);

    for (const name of ['refresh-line', 'connection']) {
      const records = await recordsOf(store, name);
      expect({ name, found: records.length > 0 }).toEqual({ name, found: true });
      for (const { secondsLeft } of records) expect(secondsLeft).toBeGreaterThan(days(30) - 60);
    }
  });
});
