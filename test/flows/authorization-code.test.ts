import { describe, expect, it } from '@jest/globals';
import { approve } from '../support/approval.ts';
import { createTestClock, minutes } from '../support/clock.ts';
import { connect } from '../support/connect.ts';
import { createPerson } from '../support/person.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { recordsOf, type TestStoreKind, testStores } from '../support/test-store.ts';

const { clock, pass } = createTestClock();
const server = shared(() => startServer({ parts: { clock } }));
const person = shared(() => createPerson(server.origin));
const client = shared(() => registerClient(server.issuer));
const pageOfError = async (url: URL) => {
  const { status, url: restsAt, html } = await person.browser.open(url.href);
  expect([status, restsAt.origin]).toEqual([400, server.origin]);
  return html;
};

describe('an authorization request', () => {
  it('of a client nobody knows is answered by a page, not by a redirect (RFC 6749 §4.1.2.1, R30)', async () => {
    const { url } = client.authorizationRequest({ client_id: 'dyn-nobody' });

    expect(await pageOfError(url)).toContain('We do not know this tool any more');
  });

  it('may name any port of a loopback redirect (RFC 8252 §7.3, R37)', async () => {
    const redirect = { redirect_uri: 'http://127.0.0.1:50123/callback' };
    const { callback, redeem } = await approve(client, person, redirect);

    expect([callback.port, (await redeem(redirect)).status]).toEqual(['50123', 200]);
  });
});

describe('the redirect URI of an authorization request', () => {
  const uris = ['https://callback.example/redirect/x', 'https://callback.example/redirect/y'];

  it.each([undefined, ''])(
    'may be %p with exactly one registered, and is that one (OAuth 2.1 §4.1.1, R96)',
    async (redirect_uri) => {
      const single = await registerClient(server.issuer, { redirect_uris: [uris[0]] });
      const { callback, redeem } = await approve(single, person, { redirect_uri });

      expect(callback.origin + callback.pathname).toBe(uris[0]);
      expect((await redeem({ redirect_uri: String(uris[1]) })).body.error).toBe('invalid_grant');
      expect((await redeem()).status).toBe(200);
    },
  );

  it('is asked for, on a page, where several are registered (R96)', async () => {
    const several = await registerClient(server.issuer, { redirect_uris: uris });

    await pageOfError(several.authorizationRequest({ redirect_uri: undefined }).url);
  });
});

describe('an authorization code', () => {
  it('is exchanged for a token that says who, for which organization, with which scopes', async () => {
    const { answer, claims } = await connect(server, { request: { scope: 'project:read project:create' } });

    expect(answer.body).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'project:read project:create' });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(claims).toMatchObject({ iss: server.issuer, aud: server.issuer, org_slug: 'acme', org_role: 'owner' });
  });

  it('needs no redirect URI: its challenge binds it to the client already (OAuth 2.1 §10.2, R96)', async () => {
    const { callback, verifier } = await approve(client, person);
    const code = callback.searchParams.get('code') ?? '';

    const answer = await client.post('token', { grant_type: 'authorization_code', code, code_verifier: verifier });

    expect(answer.status).toBe(200);
  });

  it.each([
    ['good a second before its ten minutes are over', minutes(10) - 1, 200, undefined],
    ['worthless a second after', minutes(10) + 1, 400, 'invalid_grant'],
  ])('is %s (RFC 6749 §4.1.2)', async (_name, later, status, error) => {
    const { redeem } = await approve(client, person);
    pass(later);
    const answer = await redeem();
    expect([answer.status, answer.body.error]).toEqual([status, error]);
  });
});

const rounds = 50;
const parallel = 50;

describe.each(Object.keys(testStores) as TestStoreKind[])('an authorization code kept in %s', (kind) => {
  const kept = shared(() => testStores[kind]());
  const server = shared(() => startServer({ env: kept.env }));
  const client = shared(() => registerClient(server.issuer));
  const person = shared(() => createPerson(server.origin));
  const approved = () => approve(client, person, { scope: 'project:read' });

  it('leaves the store after ten minutes', async () => {
    await approved();

    const [code] = await recordsOf(kept, 'authorization-code');

    expect(code?.secondsLeft).toBeGreaterThan(590);
    expect(code?.secondsLeft).toBeLessThanOrEqual(600);
  });

  it(`is redeemed once, even when ${parallel} requests race, in ${rounds} rounds (RFC 6749 §4.1.2)`, async () => {
    for (let round = 0; round < rounds; round += 1) {
      const { redeem } = await approved();
      const answers = await Promise.all(Array.from({ length: parallel }, () => redeem()));
      const outcomes = answers.map(({ status, body }) => body.error ?? status).toSorted();
      expect(outcomes).toEqual([200, ...Array(parallel - 1).fill('invalid_grant')]);
      // And ends the connection, however close the second one came.
      const renewed = answers.find(({ status }) => status === 200)?.body.refresh_token ?? '';
      expect((await client.refresh(renewed)).body.error).toBe('invalid_grant');
    }
  });
});
