import { describe, expect, it } from '@jest/globals';
import { connect } from '../support/connect.ts';
import { sendRaw } from '../support/raw-request.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const configured = { client_id: 'https', client_secret: 'a-configured-secret-of-an-operator:', redirect_uris: [] };

const server = shared(() => startServer({ policy: { clients: [configured] } }));

const basic = (id: string, secret: string) => ({ Authorization: `Basic ${btoa(`${id}:${secret}`)}` });

async function post(endpoint: string, body: Record<string, string> | string, headers: Record<string, string> = {}) {
  const response = await fetch(`${server.issuer}/oauth/${endpoint}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
    body: typeof body === 'string' ? body : new URLSearchParams(body).toString(),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
}

const renewal = (refreshToken: string) => ({ grant_type: 'refresh_token', refresh_token: refreshToken });
const methods = ['client_secret_basic', 'client_secret_post'] as const;

describe('a confidential client', () => {
  const pairs = methods.flatMap((registered) => methods.map((used) => [registered, used] as const));

  it.each(pairs)('that registered %s authenticates by %s (R58)', async (registered, used) => {
    const { client, refreshToken } = await connect(server, { client: { token_endpoint_auth_method: registered } });
    const secret = String(client.clientSecret);

    const { status } =
      used === 'client_secret_basic'
        ? await post('token', renewal(refreshToken), basic(client.clientId, secret))
        : await post('token', { ...renewal(refreshToken), client_id: client.clientId, client_secret: secret });

    expect(status).toBe(200);
  });

  it('may name itself in the body beside its header, as Python does (R58)', async () => {
    const { client, refreshToken } = await connect(server, { client: { token_endpoint_auth_method: methods[0] } });
    const header = basic(client.clientId, String(client.clientSecret));

    expect((await post('token', { ...renewal(refreshToken), client_id: client.clientId }, header)).status).toBe(200);
  });

  it('may send one and the same secret in header and body (R58)', async () => {
    const { client, refreshToken } = await connect(server, { client: { token_endpoint_auth_method: methods[0] } });
    const [id, secret] = [client.clientId, String(client.clientSecret)];
    const body = { ...renewal(refreshToken), client_id: id, client_secret: secret };

    expect((await post('token', body, basic(id, secret))).status).toBe(200);
  });

  it.each([
    ['another secret', (id: string, secret: string) => ({ client_id: id, client_secret: `${secret}x` })],
    ['another client', (_id: string, secret: string) => ({ client_id: 'https', client_secret: secret })],
  ])('is refused with %s in its body than in its header (RFC 6749 §2.3)', async (_name, other) => {
    const { client, refreshToken } = await connect(server, { client: { token_endpoint_auth_method: methods[0] } });
    const [id, secret] = [client.clientId, String(client.clientSecret)];

    const answer = await post('token', { ...renewal(refreshToken), ...other(id, secret) }, basic(id, secret));

    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });

  it('is refused with two secrets in its body, one of them that of its header (RFC 6749 §3.2)', async () => {
    const { clientId, clientSecret } = await registerClient(server.issuer, { token_endpoint_auth_method: methods[0] });
    const body = `grant_type=refresh_token&refresh_token=x&client_secret=${clientSecret}&client%5Fsecret=another`;

    expect((await post('token', body, basic(clientId, String(clientSecret)))).status).toBe(400);
  });

  it.each([
    ['in the header', (id: string) => post('token', renewal('x'), basic(id, ''))],
    [
      'in the header and its id in the body',
      (id: string) => post('token', { ...renewal('x'), client_id: id }, basic(id, '')),
    ],
    ['in the body', (id: string) => post('token', { ...renewal('x'), client_id: id, client_secret: '' })],
    ['nowhere', (id: string) => post('token', { ...renewal('x'), client_id: id })],
  ])('with an empty secret %s is not believed (RFC 6749 §3.2.1)', async (_where, send) => {
    const { clientId } = await registerClient(server.issuer, { token_endpoint_auth_method: methods[1] });

    expect(await send(clientId)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });

  it.each(methods)('may have a secret that ends in a colon, by %s', async (method) => {
    const { client_id, client_secret } = configured;
    const answer =
      method === 'client_secret_basic'
        ? await post('introspect', { token: 'unknown' }, basic(client_id, encodeURIComponent(client_secret)))
        : await post('introspect', { token: 'unknown', client_id, client_secret });

    expect(answer).toEqual({ status: 200, body: { active: false } });
    expect((await post('introspect', { token: 'unknown' }, basic(client_id, 'another'))).status).toBe(401);
  });
});

describe('a public client', () => {
  it.each([
    ['its id in the body', (id: string, body: Record<string, string>) => post('token', { ...body, client_id: id })],
    [
      'an empty secret in the body, as the C# SDK does',
      (id: string, body: Record<string, string>) => post('token', { ...body, client_id: id, client_secret: '' }),
    ],
    [
      'an empty secret in the header, as Go does',
      (id: string, body: Record<string, string>) => post('token', body, basic(id, '')),
    ],
    [
      'an empty secret in the header and its id in the body',
      (id: string, body: Record<string, string>) => post('token', { ...body, client_id: id }, basic(id, '')),
    ],
    [
      'an id that is form-encoded in the header (RFC 6749 §2.3.1)',
      (id: string, body: Record<string, string>) => post('token', body, basic(id.replace('-', '%2D'), '')),
    ],
  ])('renews with %s (R57)', async (_how, send) => {
    const { client, refreshToken } = await connect(server);

    expect(await send(client.clientId, renewal(refreshToken))).toMatchObject({
      status: 200,
      body: { access_token: expect.any(String), refresh_token: expect.any(String) },
    });
  });

  it('redeems its code with an empty secret in the header, whatever the body holds (R57)', async () => {
    const { client, person } = await connect(server);
    const { url, verifier } = client.authorizationRequest();
    const code = (await person.approves(url)).searchParams.get('code') ?? '';
    const redirect = encodeURIComponent('http://127.0.0.1:8765/callback');
    const body = `note=a%26client_id%3Dother+%C3%BC&grant_type=authorization_code&code=${code}&code_verifier=${verifier}`;

    const answer = await post('token', `${body}&redirect_uri=${redirect}`, basic(client.clientId, ''));

    expect(answer.status).toBe(200);
  });

  it('revokes its refresh token with an empty secret in the header (R57)', async () => {
    const { client, refreshToken } = await connect(server);

    expect((await post('revoke', { token: refreshToken }, basic(client.clientId, ''))).status).toBe(200);
    expect((await client.refresh(refreshToken)).body.error).toBe('invalid_grant');
  });

  it('is refused when header and body name two clients', async () => {
    const { client, refreshToken } = await connect(server);
    const other = await registerClient(server.issuer);

    const answer = await post(
      'token',
      { ...renewal(refreshToken), client_id: client.clientId },
      basic(other.clientId, ''),
    );

    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });

  it.each([
    ['a secret it does not have', 'secret'],
    ['its own id as secret', undefined],
  ])('is refused with %s', async (_name, secret) => {
    const { client, refreshToken } = await connect(server);

    const answer = await post('token', renewal(refreshToken), basic(client.clientId, secret ?? client.clientId));

    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });

  it('renews with an access token in its header, which says nothing about it (R59)', async () => {
    const { client, accessToken, refreshToken } = await connect(server);

    for (const bearer of [`Bearer ${accessToken}`, 'bearer x', 'Bearer']) {
      const answer = await post(
        'token',
        { ...renewal(refreshToken), client_id: client.clientId },
        { Authorization: bearer },
      );
      expect(answer.status).toBe(200);
    }
  });

  it('renews with a form that names its character set (R59)', async () => {
    const { client, refreshToken } = await connect(server);
    const type = { 'Content-Type': 'application/x-www-form-urlencoded; charset=UTF-8' };

    expect((await post('token', { ...renewal(refreshToken), client_id: client.clientId }, type)).status).toBe(200);
  });

  it('is told in JSON that a token request is a form (R59)', async () => {
    const answer = await post('token', '{"grant_type":"refresh_token"}', { 'Content-Type': 'application/json' });

    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });

  it.each(['token', 'revoke', 'introspect'])(
    'is told that a form without Content-Type cannot be read: %s',
    async (name) => {
      for (const headers of [{}, { Authorization: 'Bearer x' }]) {
        const { status, body } = await sendRaw(server.origin, {
          ...{ method: 'POST', path: `/mcp/oauth/${name}`, headers },
          body: 'grant_type=refresh_token&client_id=x&token=y',
        });
        expect([status, JSON.parse(body)]).toMatchObject([
          400,
          {
            error: 'invalid_request',
            error_description: 'the form needs the header Content-Type: application/x-www-form-urlencoded',
          },
        ]);
      }
      // In pieces, without a length.
      const body = new Blob(['grant_type=refresh_token&client_id=x&token=y']).stream();
      const pieces = await fetch(`${server.issuer}/oauth/${name}`, { method: 'POST', body, duplex: 'half' });
      expect(await pieces.json()).toMatchObject({ error_description: expect.stringContaining('Content-Type') });
    },
  );

  it('cannot send more than the provider reads by way of an empty secret', async () => {
    const { client } = await connect(server);
    const large = `grant_type=refresh_token&refresh_token=${'x'.repeat(200_000)}`;

    expect(await post('token', large, basic(client.clientId, ''))).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    });
  });

  it('that nobody knows is told so (R29)', async () => {
    expect(await post('token', renewal('x'), basic('dyn-nobody', ''))).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    });
  });
});
