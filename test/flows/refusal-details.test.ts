import { describe, expect, it } from '@jest/globals';
import { connect } from '../support/connect.ts';
import { createPerson } from '../support/person.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const server = shared(startServer);

async function approved() {
  const client = await registerClient(server.issuer);
  const { url, verifier } = client.authorizationRequest();
  return { client, verifier, callback: await createPerson(server.origin).approves(url) };
}

type Approved = Awaited<ReturnType<typeof approved>>;
const another = 'another-verifier-of-more-than-forty-three-letters';

/** One kind: `invalid_grant` at the code. */
const atTheCode: readonly (readonly [
  string,
  string,
  (given: Approved) => Promise<{ status: number; body: object }>,
])[] = [
  [
    'a code nobody issued',
    'authorization code not found',
    ({ client, verifier }) => client.exchange(new URL('http://x/?code=nobody'), verifier),
  ],
  ['no verifier', 'code_verifier must be provided', ({ client, callback }) => client.exchange(callback, '')],
  [
    'another verifier',
    'code_verifier does not match code_challenge',
    ({ client, callback }) => client.exchange(callback, another),
  ],
  [
    'another redirect URI',
    'authorization code redirect_uri mismatch',
    ({ client, callback, verifier }) => client.exchange(callback, verifier, { redirect_uri: 'http://127.0.0.1/other' }),
  ],
  [
    'another client',
    'client mismatch',
    async ({ callback, verifier }) => (await registerClient(server.issuer)).exchange(callback, verifier),
  ],
];

describe('a refusal at the code', () => {
  it.each(atTheCode)(
    'for %s tells the tool what to do, and the log which check it was (R107)',
    async (_name, detail, send) => {
      const before = server.logLines.length;

      const { status, body } = await send(await approved());

      expect({ status, body }).toEqual({
        status: 400,
        body: { error: 'invalid_grant', error_description: expect.stringMatching(/ - restart authorization$/) },
      });
      expect(server.logLines.slice(before)).toContainEqual(expect.objectContaining({ event: 'grant.error', detail }));
    },
  );

  it('that was used before says so, and what to do (R67, R107)', async () => {
    const { client, callback, verifier } = await approved();
    await client.exchange(callback, verifier);

    expect((await client.exchange(callback, verifier)).body).toEqual({
      error: 'invalid_grant',
      error_description: 'grant revoked - restart authorization',
    });
    expect(server.logLines.at(-1)).toMatchObject({ detail: 'authorization code already consumed' });
  });
});

describe('a refusal of a refresh token', () => {
  it('says in the log whether it is none of ours, guessed, over, or of another client (R107)', async () => {
    const { client, refreshToken } = await connect(server);
    const other = await connect(server);
    const guessed = `${refreshToken.slice(0, -4)}${refreshToken.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`;
    await other.client.post('revoke', { token: other.refreshToken });
    const before = server.logLines.length;

    await client.refresh('nobody-issued-this');
    await client.refresh(guessed);
    await other.client.refresh(other.refreshToken);
    await other.client.refresh(refreshToken);

    const details = server.logLines.slice(before).filter(({ event }) => event === 'grant.error');
    expect(details.map(({ detail }) => detail)).toEqual([
      'refresh token not found: not made by this server',
      'refresh token not found: not genuine',
      'refresh token not found: ended or expired',
      'client mismatch',
    ]);
  });
});

describe('a refusal of an access token', () => {
  const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });

  it.each([
    ['userinfo', 'userinfo: invalid_request: no token', undefined],
    ['userinfo', 'userinfo: invalid_token: not issued here, over, or revoked', 'another'],
    ['userinfo', 'userinfo: invalid_token: its connection has ended', 'ended'],
    ['verify', 'verify: TOKEN_MISSING', undefined],
    ['verify', 'verify: TOKEN_INVALID', 'another'],
    ['verify', 'verify: TOKEN_REVOKED', 'ended'],
  ])('at %s says in the log which check it was: %s (R107)', async (endpoint, detail, which) => {
    const { client, accessToken, refreshToken } = await connect(server);
    await client.post('revoke', { token: refreshToken });
    const before = server.logLines.length;

    await fetch(`${server.issuer}/oauth/${endpoint}`, which ? bearer(which === 'ended' ? accessToken : which) : {});

    const refused = server.logLines.slice(before).filter(({ event }) => event === 'request.refused');
    expect(refused).toEqual([expect.objectContaining({ status: 401, detail })]);
  });
});

describe('a refusal of a client', () => {
  type Registered = Awaited<ReturnType<typeof registerClient>>;
  const basic = (id: string, secret: string) => ({ Authorization: `Basic ${btoa(`${id}:${secret}`)}` });
  const other = 'the provided authentication mechanism does not match the registered client authentication method';

  it.each<[string, string, (client: Registered) => object, (client: Registered) => Record<string, string>]>([
    ['one that is not there', 'client not found', () => ({ client_id: 'dyn-nobody' }), () => ({})],
    ['another secret', 'invalid secret provided', () => ({}), ({ clientId }) => basic(clientId, 'another')],
    [
      'another secret in the form',
      'invalid secret provided',
      ({ clientId: client_id }) => ({ client_id, client_secret: 'another' }),
      () => ({}),
    ],
    ['none', other, ({ clientId: client_id }) => ({ client_id }), () => ({})],
    ['what is no header', 'the Authorization header cannot be read', () => ({}), () => ({ Authorization: 'Basic !' })],
  ])(
    'that sends %s is the same at every endpoint, and a detail of the log (R107)',
    async (_what, detail, form, headers) => {
      const client = await registerClient(server.issuer, { token_endpoint_auth_method: 'client_secret_basic' });
      const said = { grant_type: 'refresh_token', refresh_token: 'x', token: 'x', ...form(client) };
      for (const [endpoint, event] of [
        ['token', 'grant.error'],
        ['revoke', 'revocation.error'],
        ['introspect', 'introspection.error'],
      ]) {
        const before = server.logLines.length;
        const init = { method: 'POST', headers: headers(client), body: new URLSearchParams(said) };
        const answer = await fetch(`${server.issuer}/oauth/${endpoint}`, init);

        expect([answer.status, await answer.json()]).toMatchObject([
          401,
          { error: 'invalid_client', error_description: 'client authentication failed' },
        ]);
        expect(server.logLines.slice(before)).toContainEqual(expect.objectContaining({ event, detail }));
      }
    },
  );
});

describe('a refusal of a form', () => {
  const page = () => ({ Accept: 'text/html', Origin: server.origin });

  it.each([
    ['this form was sent by another site', { 'Sec-Fetch-Site': 'cross-site' }, 'email=a', 403],
    ['the form does not belong here', {}, 'email=a', 403],
    ['the form is too large', {}, `email=${'a'.repeat(40_000)}`, 413],
    ['only forms are understood here', { 'Content-Type': 'application/json' }, '{}', 415],
  ])('says in the log which check it was: %s (R107)', async (detail, headers, body, status) => {
    const before = server.logLines.length;
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const answer = await fetch(`${server.issuer}/oauth/account/sign-in`, {
      ...{ method: 'POST', headers: { ...page(), ...form, ...headers }, body },
    });

    expect(answer.status).toBe(status);
    const reference = referenceIn(await answer.text());
    expect(server.logLines.slice(before)).toContainEqual(
      expect.objectContaining({ event: 'request.refused', status, detail, reference }),
    );
  });
});

describe('a refusal of a registration', () => {
  it('says in the log whether its token is missing, nobody’s, or of another client (R107)', async () => {
    const { registration } = await registerClient(server.issuer);
    const { registration: others } = await registerClient(server.issuer);
    const details = [];
    for (const token of [undefined, 'nobodys', String(others.registration_access_token)]) {
      const before = server.logLines.length;
      const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
      const answer = await fetch(String(registration.registration_client_uri), { method: 'DELETE', headers });
      expect([answer.status, await answer.json()]).toMatchObject([401, { error: 'invalid_token' }]);
      const line = server.logLines.slice(before).find(({ event }) => event === 'registration_delete.error');
      details.push(line?.detail);
    }

    expect(details).toEqual(['no access token provided', 'registration access token not found', 'client mismatch']);
  });

  it.each([
    [{}, 'redirect_uris must be a list of at least one URI'],
    [{ redirect_uris: ['http://evil.example/cb'] }, 'must use https, or http on a loopback address'],
    [{ redirect_uris: ['https://tool.example/#x'] }, 'must not contain a fragment'],
  ])('tells the tool and the log which member it was: %j (R107)', async (body, sentence) => {
    const before = server.logLines.length;
    const headers = { 'Content-Type': 'application/json' };
    const init = { method: 'POST', headers, body: JSON.stringify(body) };
    const answer = await fetch(`${server.issuer}/oauth/register`, init);

    const description = expect.stringContaining(sentence);
    expect(await answer.json()).toMatchObject({ error: 'invalid_redirect_uri', error_description: description });
    expect(server.logLines.slice(before)).toContainEqual(
      expect.objectContaining({ event: 'registration_create.error', description }),
    );
  });
});

describe('a flow that is over', () => {
  it('looks the same to the person, and says in the log which check it was (R107)', async () => {
    const client = await registerClient(server.issuer);
    const { browser } = createPerson(server.origin);
    const page = await browser.open(client.authorizationRequest().url.href);
    const before = server.logLines.length;
    const stranger = await createPerson(server.origin).browser.open(page.url.href);
    const other = await browser.open(client.authorizationRequest().url.href);
    // A browser sends each cookie below its own path only.
    const ofOther = [...browser.cookies].filter(([, { path }]) => path === other.url.pathname);
    const Cookie = ofOther.map(([key, { value }]) => `${key.split(' ')[0]}=${value}`).join('; ');
    const headers = { Accept: 'text/html', Cookie, Origin: server.origin };
    const swapped = await fetch(`${page.url}/decline`, { method: 'POST', headers, body: new URLSearchParams() });
    const manage = (method: string, body?: object) =>
      fetch(String(client.registration.registration_client_uri), {
        method,
        headers: {
          Authorization: `Bearer ${client.registration.registration_access_token}`,
          'Content-Type': 'application/json',
        },
        ...(body && { body: JSON.stringify(body) }),
      });
    await manage('PUT', { client_id: client.clientId, redirect_uris: ['http://127.0.0.1/elsewhere'] });
    const changed = await browser.open(page.url.href);
    await manage('DELETE');
    const removed = await browser.open(page.url.href);

    const lines = server.logLines.slice(before).filter(({ event }) => event === 'request.refused');
    expect(lines.map(({ detail, reference }) => ({ detail, reference }))).toEqual([
      { detail: 'this browser has no such flow, or not any more', reference: referenceIn(stranger.html) },
      { detail: 'the cookie is of another flow', reference: referenceIn(await swapped.text()) },
      { detail: 'its redirect URI is allowed no more', reference: referenceIn(changed.html) },
      { detail: 'its client is gone', reference: referenceIn(removed.html) },
    ]);
  });
});

function referenceIn(html: string): string | undefined {
  return /\b[2-9A-HJ-NP-Z]{8}\b/.exec(html)?.[0];
}
