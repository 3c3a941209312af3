import { describe, expect, it } from '@jest/globals';
import { createTestClock, minutes } from '../support/clock.ts';
import { connect } from '../support/connect.ts';
import { createPerson } from '../support/person.ts';
import { type RelyingParty, redirectUri, registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const { clock, pass } = createTestClock();
const server = shared(() => startServer({ parts: { clock } }));
const person = shared(() => createPerson(server.origin));
const client = shared(() => registerClient(server.issuer));

/** What the client is told when the authorization endpoint refuses its request. */
async function refusal(by: RelyingParty, parameters: Record<string, string | undefined>) {
  const { url, state } = by.authorizationRequest(parameters);
  const rest = await person.browser.open(url.href);
  const { origin, pathname, search, hash } = rest.url;
  // Response types that would put a token into the answer are answered in the fragment, their refusal too.
  const answer = Object.fromEntries(new URLSearchParams(search || hash.slice(1)));
  return { at: origin + pathname, state, answer };
}

async function approvedCode(by: RelyingParty = client) {
  const { url, verifier, state } = by.authorizationRequest({ scope: 'project:read' });
  return { callback: await person.approves(url), verifier, state };
}

describe('an authorization request', () => {
  const clients = [
    ['public', {}],
    ['confidential', { token_endpoint_auth_method: 'client_secret_basic' }],
  ] as const;
  const mistakes = [
    ['no challenge', { code_challenge: undefined, code_challenge_method: undefined }],
    ['a challenge of no method, which means plain', { code_challenge_method: undefined }],
    ['the method plain', { code_challenge_method: 'plain' }],
    ['a method without a challenge', { code_challenge: undefined }],
  ] as const;
  const table = clients.flatMap(([kind, metadata]) =>
    mistakes.map(([mistake, parameters]) => ({ kind, metadata, mistake, parameters })),
  );

  it.each(table)('of a $kind client with $mistake is refused (RFC 7636 §4.3, OAuth 2.1 §4.1.1)', async (row) => {
    const { at, state, answer } = await refusal(await registerClient(server.issuer, row.metadata), row.parameters);

    expect(at).toBe(redirectUri);
    expect(answer).toMatchObject({ error: 'invalid_request', state, iss: server.issuer });
  });

  it.each(['token', 'id_token', 'code id_token', 'code token', 'none'])(
    'for the response type "%s" is refused (OAuth 2.1 §4.1.1)',
    async (type) => {
      const { answer, state } = await refusal(client, { response_type: type });

      expect(answer).toMatchObject({ error: 'unsupported_response_type', state, iss: server.issuer });
    },
  );

  it('of a client nobody knows is answered by a page, not by a redirect (RFC 6749 §4.1.2.1, R30)', async () => {
    const { url } = client.authorizationRequest({ client_id: 'dyn-nobody' });

    const { status, html, url: restsAt } = await person.browser.open(url.href);

    expect({ status, origin: restsAt.origin }).toEqual({ status: 400, origin: server.origin });
    expect(html).toContain('We do not know this tool any more');
  });

  it.each([
    'https://evil.example/callback',
    'http://127.0.0.1:8765/callback/more',
    'http://127.0.0.1.evil.example:8765/callback',
  ])('that wants the answer sent to %s is answered by a page (RFC 6749 §4.1.2.1)', async (uri) => {
    const { url } = client.authorizationRequest({ redirect_uri: uri });

    const { status, html, url: restsAt } = await person.browser.open(url.href);

    expect({ status, origin: restsAt.origin }).toEqual({ status: 400, origin: server.origin });
    expect(html).toContain('We stopped this request');
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

describe('an authorization response', () => {
  it('carries code, state and the issuer (RFC 9207 §2, R4)', async () => {
    const { callback, state } = await approvedCode();

    expect(Object.fromEntries(callback.searchParams)).toEqual({
      code: expect.stringMatching(/^[\w-]{43}\.[\w-]{43}$/),
      state,
      iss: server.issuer,
    });
  });

  it('carries state and issuer when it is an error, too (RFC 9207 §2, R46)', async () => {
    const { answer } = await refusal(client, { response_type: 'token', state: 'of the tool' });

    expect(answer).toMatchObject({ state: 'of the tool', iss: server.issuer });
  });
});

describe('an authorization code', () => {
  it('is exchanged for a token that says who, for which organization, with which scopes', async () => {
    const { answer, claims } = await connect(server, { request: { scope: 'project:read project:create' } });

    expect(answer.body).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'project:read project:create' });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(claims).toMatchObject({ iss: server.issuer, aud: server.issuer, org_slug: 'acme', org_role: 'owner' });
  });

  it('belongs to the client it was issued to (RFC 6749 §4.1.3)', async () => {
    const { callback, verifier } = await approvedCode();
    const other = await registerClient(server.issuer);

    expect(await other.exchange(callback, verifier)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await client.exchange(callback, verifier)).status).toBe(200);
  });

  it.each(['http://127.0.0.1:9999/callback', `${redirectUri}/`])(
    'belongs to its redirect URI: "%s" is refused, and the code stays good (RFC 6749 §4.1.3, R60, R96)',
    async (uri) => {
      const { callback, verifier } = await approvedCode();

      const answer = await client.exchange(callback, verifier, { redirect_uri: uri });

      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
      expect((await client.exchange(callback, verifier)).status).toBe(200);
    },
  );

  it('needs no redirect URI: its challenge binds it to the client already (OAuth 2.1 §10.2, R96)', async () => {
    const { callback, verifier } = await approvedCode();
    const code = callback.searchParams.get('code') ?? '';

    const answer = await client.post('token', { grant_type: 'authorization_code', code, code_verifier: verifier });

    expect(answer.status).toBe(200);
  });

  it('is useless without the verifier of its challenge (RFC 7636 §4.6)', async () => {
    const { callback, verifier } = await approvedCode();
    const other = client.authorizationRequest().verifier;

    expect((await client.exchange(callback, other)).body.error).toBe('invalid_grant');
    expect((await client.exchange(callback, '')).body.error).toBe('invalid_grant');
    expect((await client.exchange(callback, verifier)).status).toBe(200);
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

  it('that comes back after it was used ends the connection (RFC 6749 §4.1.2)', async () => {
    const { callback, verifier } = await approvedCode();
    const first = await client.exchange(callback, verifier);

    const second = await client.exchange(callback, verifier);

    expect(second).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    const renewal = await client.refresh(first.body.refresh_token ?? '');
    expect(renewal).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(server.logLines).toContainEqual(
      expect.objectContaining({ event: 'connection.revoked', reason: 'token replayed' }),
    );
  });
});
