import { describe, expect, it } from '@jest/globals';
import { approve } from '../support/approval.ts';
import { connect } from '../support/connect.ts';
import { basicOf, bearer, postForm, refusal } from '../support/endpoints.ts';
import { sendRaw } from '../support/raw-request.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const configured = { client_id: 'https', client_secret: 'a-configured-secret-of-an-operator:', redirect_uris: [] };

const server = shared(() => startServer({ policy: { clients: [configured] } }));

const post = (endpoint: string, form: string | object, headers?: object) =>
  postForm(server.issuer, endpoint, form, headers);
const renewal = (refreshToken: string) => ({ grant_type: 'refresh_token', refresh_token: refreshToken });
const methods = ['client_secret_basic', 'client_secret_post'] as const;

/** What is in the form and in the header of who says so who it is. */
type Says = (id: string, secret: string) => [form: Record<string, string>, headers?: Record<string, string>];
const inHeader: Says = (id, secret) => [{}, basicOf(id, secret)];
const inForm: Says = (id, secret) => [{ client_id: id, client_secret: secret }];
const ways = { client_secret_basic: inHeader, client_secret_post: inForm };

const isRenewed = { status: 200, body: { access_token: expect.any(String), refresh_token: expect.any(String) } };
const isUnclear = refusal(400, 'invalid_request');
const isNobody = refusal(401, 'invalid_client');

/** Whoever is refused has lost nothing. */
async function expectRenewal(
  metadata: { token_endpoint_auth_method?: string },
  says: Says,
  answer: object = isRenewed,
) {
  const { client, refreshToken } = await connect(server, { client: metadata });
  const [form, headers] = says(client.clientId, client.clientSecret ?? '');
  expect(await post('token', { ...renewal(refreshToken), ...form }, headers)).toMatchObject(answer);
  expect(await client.refresh(refreshToken)).toMatchObject(isRenewed);
}

describe('a confidential client', () => {
  const [basic, secretPost] = methods.map((token_endpoint_auth_method) => ({ token_endpoint_auth_method }));
  const expectRenewalOf = (says: Says, answer?: object) => expectRenewal({ ...basic }, says, answer);

  it.each(methods.flatMap((registered) => methods.map((used) => [registered, used] as const)))(
    'that registered %s authenticates by %s (R58)',
    (registered, used) => expectRenewal({ token_endpoint_auth_method: registered }, ways[used]),
  );

  it('may name itself in the body beside its header, as Python does (R58)', () =>
    expectRenewalOf((id, secret) => [{ client_id: id }, basicOf(id, secret)]));

  it('may send one and the same secret in header and body (R58)', () =>
    expectRenewalOf((id, secret) => [{ client_id: id, client_secret: secret }, basicOf(id, secret)]));

  it.each<[string, Says]>([
    ['another secret', (id, secret) => [{ client_id: id, client_secret: `${secret}x` }, basicOf(id, secret)]],
    ['another client', (id, secret) => [{ client_id: 'https', client_secret: secret }, basicOf(id, secret)]],
  ])('is refused with %s in its body than in its header (RFC 6749 §2.3)', (_name, says) =>
    expectRenewalOf(says, isUnclear),
  );

  it('is refused with two secrets in its body, one of them that of its header (RFC 6749 §3.2)', async () => {
    const { clientId, clientSecret } = await registerClient(server.issuer, basic);
    const body = `grant_type=refresh_token&refresh_token=x&client_secret=${clientSecret}&client%5Fsecret=another`;
    expect((await post('token', body, basicOf(clientId, clientSecret))).status).toBe(400);
  });

  it.each<[string, Says]>([
    ['in the header', (id) => [{}, basicOf(id)]],
    ['in the header and its id in the body', (id) => [{ client_id: id }, basicOf(id)]],
    ['in the body', (id) => [{ client_id: id, client_secret: '' }]],
    ['nowhere', (id) => [{ client_id: id }]],
  ])('with an empty secret %s is not believed (RFC 6749 §3.2.1)', (_where, says) =>
    expectRenewal({ ...secretPost }, says, isNobody),
  );

  it.each(methods)('may have a secret that ends in a colon, by %s', async (method) => {
    const { client_id, client_secret } = configured;
    const secret = method === 'client_secret_basic' ? encodeURIComponent(client_secret) : client_secret;
    const [form, headers] = ways[method](client_id, secret);
    const answer = await post('introspect', { token: 'unknown', ...form }, headers);

    expect(answer).toMatchObject({ status: 200, body: { active: false } });
    expect((await post('introspect', { token: 'unknown' }, basicOf(client_id, 'another'))).status).toBe(401);
  });
});

describe('a public client', () => {
  it.each<[string, Says]>([
    ['its id in the body', (id) => [{ client_id: id }]],
    ['an empty secret in the body, as the C# SDK does', (id) => inForm(id, '')],
    ['an empty secret in the header, as Go does', (id) => inHeader(id, '')],
    ['an empty secret in the header and its id in the body', (id) => [{ client_id: id }, basicOf(id)]],
    ['an id that is form-encoded in the header (RFC 6749 §2.3.1)', (id) => inHeader(id.replace('-', '%2D'), '')],
  ])('renews with %s (R57)', (_how, says) => expectRenewal({}, says));

  it('redeems its code with an empty secret in the header, whatever the body holds (R57)', async () => {
    const { client, person } = await connect(server);
    const { code, verifier } = await approve(client, person);
    const redirect = encodeURIComponent('http://127.0.0.1:8765/callback');
    const body = `note=a%26client_id%3Dother+%C3%BC&grant_type=authorization_code&code=${code}&code_verifier=${verifier}`;

    expect((await post('token', `${body}&redirect_uri=${redirect}`, basicOf(client.clientId))).status).toBe(200);
  });

  it('revokes its refresh token with an empty secret in the header (R57)', async () => {
    const { client, refreshToken } = await connect(server);
    expect((await post('revoke', { token: refreshToken }, basicOf(client.clientId))).status).toBe(200);
    expect((await client.refresh(refreshToken)).body.error).toBe('invalid_grant');
  });

  it('is refused when header and body name two clients', async () => {
    const other = await registerClient(server.issuer);
    await expectRenewal({}, (id) => [{ client_id: id }, basicOf(other.clientId)], isUnclear);
  });

  it.each<[string, Says]>([
    ['a secret it does not have', (id) => inHeader(id, 'secret')],
    ['its own id as secret', (id) => inHeader(id, id)],
  ])('is refused with %s', (_name, says) => expectRenewal({}, says, isNobody));

  it('renews with an access token in its header, which says nothing about it (R59)', async () => {
    const { accessToken } = await connect(server);
    for (const Authorization of [`Bearer ${accessToken}`, 'bearer x', 'Bearer'])
      await expectRenewal({}, (id) => [{ client_id: id }, { Authorization }]);
  });

  it('renews with a form that names its character set (R59)', () => {
    const type = { 'Content-Type': 'application/x-www-form-urlencoded; charset=UTF-8' };
    return expectRenewal({}, (id) => [{ client_id: id }, type]);
  });

  it('is told in JSON that a token request is a form (R59)', async () => {
    const type = { 'Content-Type': 'application/json' };
    expect(await post('token', '{"grant_type":"refresh_token"}', type)).toMatchObject(isUnclear);
  });

  const endpoints = ['token', 'revoke', 'introspect'];
  it.each(endpoints)('is told that a form without Content-Type cannot be read: %s', async (name) => {
    const form = 'grant_type=refresh_token&client_id=x&token=y';
    const error_description = 'the form needs the header Content-Type: application/x-www-form-urlencoded';
    for (const headers of [{}, bearer('x')]) {
      const request = { method: 'POST', path: `/mcp/oauth/${name}`, headers, body: form };
      const { status, body } = await sendRaw(server.origin, request);
      expect([status, JSON.parse(body)]).toMatchObject([400, { error: 'invalid_request', error_description }]);
    }
    // In pieces, without a length.
    const init = { method: 'POST', body: new Blob([form]).stream(), duplex: 'half' as const };
    const pieces = await fetch(`${server.issuer}/oauth/${name}`, init);
    expect(await pieces.json()).toMatchObject({ error_description: expect.stringContaining('Content-Type') });
  });

  it('cannot send more than the provider reads by way of an empty secret', () =>
    expectRenewal({}, (id) => [{ refresh_token: 'x'.repeat(200_000) }, basicOf(id)], isUnclear));

  it('that nobody knows is told so (R29)', async () =>
    expect(await post('token', renewal('x'), basicOf('dyn-nobody'))).toMatchObject(isNobody));
});
