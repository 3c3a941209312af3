import { describe, expect, it } from '@jest/globals';
import { createTestClock, minutes } from '../support/clock.ts';
import { connect } from '../support/connect.ts';
import { createPerson } from '../support/person.ts';
import { type RelyingParty, registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const { clock, pass } = createTestClock();
const server = shared(() => startServer({ parts: { clock } }));
const person = shared(() => createPerson(server.origin));
const client = shared(() => registerClient(server.issuer));

async function approvedCode(by: RelyingParty = client) {
  const { url, verifier, state } = by.authorizationRequest({ scope: 'project:read' });
  return { callback: await person.approves(url), verifier, state };
}

describe('an authorization request', () => {
  it('of a client nobody knows is answered by a page, not by a redirect (RFC 6749 §4.1.2.1, R30)', async () => {
    const { url } = client.authorizationRequest({ client_id: 'dyn-nobody' });

    const { status, html, url: restsAt } = await person.browser.open(url.href);

    expect({ status, origin: restsAt.origin }).toEqual({ status: 400, origin: server.origin });
    expect(html).toContain('We do not know this tool any more');
  });

  it('may name any port of a loopback redirect (RFC 8252 §7.3, R37)', async () => {
    const { url, verifier } = client.authorizationRequest({ redirect_uri: 'http://127.0.0.1:50123/callback' });

    const callback = await person.approves(url);
    const answer = await client.exchange(callback, verifier, { redirect_uri: 'http://127.0.0.1:50123/callback' });

    expect(callback.port).toBe('50123');
    expect(answer.status).toBe(200);
  });
});

describe('the redirect URI of an authorization request', () => {
  const uris = ['https://callback.example/redirect/x', 'https://callback.example/redirect/y'];

  it.each([undefined, ''])(
    'may be %p with exactly one registered, and is that one (OAuth 2.1 §4.1.1, R96)',
    async (sent) => {
      const single = await registerClient(server.issuer, { redirect_uris: [uris[0]] });
      const { url, verifier } = single.authorizationRequest({ redirect_uri: sent });

      const callback = await person.approves(url);

      expect(callback.origin + callback.pathname).toBe(uris[0]);
      const wrong = await single.exchange(callback, verifier, { redirect_uri: String(uris[1]) });
      expect(wrong.body.error).toBe('invalid_grant');
      expect((await single.exchange(callback, verifier)).status).toBe(200);
    },
  );

  it('is asked for, on a page, where several are registered (R96)', async () => {
    const several = await registerClient(server.issuer, { redirect_uris: uris });
    const { url } = several.authorizationRequest({ redirect_uri: undefined });

    const { status, url: restsAt } = await person.browser.open(url.href);

    expect({ status, origin: restsAt.origin }).toEqual({ status: 400, origin: server.origin });
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
    const { callback, verifier } = await approvedCode();
    const code = callback.searchParams.get('code') ?? '';

    const answer = await client.post('token', { grant_type: 'authorization_code', code, code_verifier: verifier });

    expect(answer.status).toBe(200);
  });

  it.each([
    ['good a second before its ten minutes are over', minutes(10) - 1, 200],
    ['worthless a second after', minutes(10) + 1, 400],
  ])('is %s (RFC 6749 §4.1.2)', async (_name, later, status) => {
    const { callback, verifier } = await approvedCode();
    pass(later);
    const answer = await client.exchange(callback, verifier);
    expect([answer.status, answer.body.error]).toEqual([status, status === 200 ? undefined : 'invalid_grant']);
  });
});
