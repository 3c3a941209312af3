import { describe, expect, it } from '@jest/globals';
import { type Approval, approve } from '../support/approval.ts';
import { connect } from '../support/connect.ts';
import { basicOf, bearer, manage, postForm, refusal, send } from '../support/endpoints.ts';
import { createPerson } from '../support/person.ts';
import { type RelyingParty, registerClient, type TokenAnswer } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const server = shared(startServer);

/** What was answered, and what the log said of it: the lines that name a detail. */
async function refused<T>(ask: () => Promise<T>) {
  const before = server.logLines.length;
  const answer = await ask();
  return { answer, lines: server.logLines.slice(before).filter(({ detail, status }) => detail ?? status) };
}
/** The detail of the one line about it. */
async function detailOf(ask: () => Promise<unknown>, event: string) {
  const { lines } = await refused(ask);
  return lines.filter((line) => line.event === event).map(({ detail }) => detail);
}

async function approved() {
  const client = await registerClient(server.issuer);
  return { client, ...(await approve(client, createPerson(server.origin))) };
}
type Approved = Approval & { readonly client: RelyingParty };

const another = 'another-verifier-of-more-than-forty-three-letters';
const elsewhere = { redirect_uri: 'http://127.0.0.1/other' };

/** One kind: `invalid_grant` at the code. */
const atTheCode: readonly (readonly [string, string, (given: Approved) => Promise<TokenAnswer>])[] = [
  ['a code nobody issued', 'authorization code not found', ({ redeem }) => redeem({ code: 'nobody' })],
  ['no verifier', 'code_verifier must be provided', ({ redeem }) => redeem({ code_verifier: '' })],
  [
    'another verifier',
    'code_verifier does not match code_challenge',
    ({ redeem }) => redeem({ code_verifier: another }),
  ],
  ['another redirect URI', 'authorization code redirect_uri mismatch', ({ redeem }) => redeem(elsewhere)],
  ['another client', 'client mismatch', async ({ redeem }) => redeem((await registerClient(server.issuer)).identity)],
];

describe('a refusal at the code', () => {
  it.each(atTheCode)(
    'for %s tells the tool what to do, and the log which check it was (R107)',
    async (_name, detail, ask) => {
      const given = await approved();
      const { answer, lines } = await refused(() => ask(given));

      const error_description = expect.stringMatching(/ - restart authorization$/);
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant', error_description } });
      expect(lines).toContainEqual(expect.objectContaining({ event: 'grant.error', detail }));
    },
  );

  it('that was used before says so, and what to do (R67, R107)', async () => {
    const { redeem } = await approved();
    await redeem();
    const { answer, lines } = await refused(redeem);

    expect(answer.body).toEqual({
      error: 'invalid_grant',
      error_description: 'grant revoked - restart authorization',
    });
    expect(lines.at(-1)).toMatchObject({ detail: 'authorization code already consumed' });
  });
});

describe('a refusal of a refresh token', () => {
  it('says in the log whether it is none of ours, guessed, over, or of another client (R107)', async () => {
    const { client, refreshToken } = await connect(server);
    const { client: other, refreshToken: over } = await connect(server);
    const guessed = `${refreshToken.slice(0, -4)}${refreshToken.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`;
    await other.post('revoke', { token: over });

    for (const [by, token, detail] of [
      [client, 'nobody-issued-this', 'refresh token not found: not made by this server'],
      [client, guessed, 'refresh token not found: not genuine'],
      [other, over, 'refresh token not found: ended or expired'],
      [other, refreshToken, 'client mismatch'],
    ] as const)
      expect(await detailOf(() => by.refresh(token), 'grant.error')).toEqual([detail]);
  });
});

describe('a refusal of an access token', () => {
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
    const headers = which ? bearer(which === 'ended' ? accessToken : which) : {};
    const { lines } = await refused(() => fetch(`${server.issuer}/oauth/${endpoint}`, { headers }));
    expect(lines).toEqual([expect.objectContaining({ event: 'request.refused', status: 401, detail })]);
  });
});

describe('a refusal of a client', () => {
  const other = 'the provided authentication mechanism does not match the registered client authentication method';
  const unreadable = 'the Authorization header cannot be read';
  const [secret, wrong] = ['invalid secret provided', 'another'];

  it.each<[string, string, (id: string) => [form: object, headers?: object]]>([
    ['one that is not there', 'client not found', () => [{ client_id: 'dyn-nobody' }]],
    ['another secret', secret, (id) => [{}, basicOf(id, wrong)]],
    ['another secret in the form', secret, (client_id) => [{ client_id, client_secret: wrong }]],
    ['none', other, (client_id) => [{ client_id }]],
    ['what is no header', unreadable, () => [{}, { Authorization: 'Basic !' }]],
  ])('that sends %s is the same at every endpoint, and a detail of the log (R107)', async (_what, detail, says) => {
    const { clientId } = await registerClient(server.issuer, { token_endpoint_auth_method: 'client_secret_basic' });
    const [form, headers] = says(clientId);
    const said = { grant_type: 'refresh_token', refresh_token: 'x', token: 'x', ...form };
    for (const [endpoint, event] of [
      ['token', 'grant.error'],
      ['revoke', 'revocation.error'],
      ['introspect', 'introspection.error'],
    ] as const) {
      const { answer, lines } = await refused(() => postForm(server.issuer, endpoint, said, headers));
      const body = { error: 'invalid_client', error_description: 'client authentication failed' };
      expect(answer).toMatchObject({ status: 401, body });
      expect(lines).toContainEqual(expect.objectContaining({ event, detail }));
    }
  });
});

describe('a refusal of a form', () => {
  it.each([
    ['this form was sent by another site', { 'Sec-Fetch-Site': 'cross-site' }, 'email=a', 403],
    ['the form does not belong here', {}, 'email=a', 403],
    ['the form is too large', {}, `email=${'a'.repeat(40_000)}`, 413],
    ['only forms are understood here', { 'Content-Type': 'application/json' }, '{}', 415],
  ])('says in the log which check it was: %s (R107)', async (detail, headers, body, status) => {
    const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const asPage = { Accept: 'text/html', Origin: server.origin, ...type, ...headers };
    const { answer, lines } = await refused(() =>
      fetch(`${server.issuer}/oauth/account/sign-in`, { method: 'POST', headers: asPage, body }),
    );

    expect(answer.status).toBe(status);
    const reference = referenceIn(await answer.text());
    expect(lines).toContainEqual(expect.objectContaining({ event: 'request.refused', status, detail, reference }));
  });
});

describe('a refusal of a registration', () => {
  it('says in the log whether its token is missing, nobody’s, or of another client (R107)', async () => {
    const { registration } = await registerClient(server.issuer);
    const { registration: others } = await registerClient(server.issuer);
    for (const [headers, detail] of [
      [{}, 'no access token provided'],
      [bearer('nobodys'), 'registration access token not found'],
      [bearer(others.registration_access_token), 'client mismatch'],
    ] as const) {
      const { answer, lines } = await refused(() =>
        send(registration.registration_client_uri, { method: 'DELETE', headers }),
      );
      expect(answer).toMatchObject(refusal(401, 'invalid_token'));
      expect(lines).toContainEqual(expect.objectContaining({ event: 'registration_delete.error', detail }));
    }
  });

  it.each([
    [{}, 'redirect_uris must be a list of at least one URI'],
    [{ redirect_uris: ['http://evil.example/cb'] }, 'must use https, or http on a loopback address'],
    [{ redirect_uris: ['https://tool.example/#x'] }, 'must not contain a fragment'],
  ])('tells the tool and the log which member it was: %j (R107)', async (body, sentence) => {
    const before = server.logLines.length;
    const answer = await send(`${server.issuer}/oauth/register`, { body });

    const description = expect.stringContaining(sentence);
    expect(answer.body).toMatchObject({ error: 'invalid_redirect_uri', error_description: description });
    const line = expect.objectContaining({ event: 'registration_create.error', description });
    expect(server.logLines.slice(before)).toContainEqual(line);
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
    await manage(client, 'PUT', { redirect_uris: ['http://127.0.0.1/elsewhere'] });
    const changed = await browser.open(page.url.href);
    await manage(client, 'DELETE');
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
