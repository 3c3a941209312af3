import { describe, expect, it } from '@jest/globals';
import { connect } from '../support/connect.ts';
import { createPerson } from '../support/person.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const server = shared(startServer);

/** As Copilot Studio registers; the answer must hold a secret. */
const copilot = {
  client_name: 'T',
  redirect_uris: ['https://callback.example/redirect/x'],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
};

async function post(endpoint: string, body: Record<string, string>, headers: Record<string, string> = {}) {
  const request = { method: 'POST', headers, body: new URLSearchParams(body) };
  const answer = await fetch(`${server.issuer}/oauth/${endpoint}`, request);
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? {} : JSON.parse(text) };
}

const basic = (id: string, secret: string) => ({ Authorization: `Basic ${btoa(`${id}:${secret}`)}` });
const renewal = (refreshToken: string) => ({ grant_type: 'refresh_token', refresh_token: refreshToken });

type Send = (id: string, secret: string, body: Record<string, string>) => ReturnType<typeof post>;
const ways: readonly (readonly [string, Send])[] = [
  ['its secret in the body', (id, secret, body) => post('token', { ...body, client_id: id, client_secret: secret })],
  ['its secret by Basic', (id, secret, body) => post('token', body, basic(id, secret))],
  ['no secret', (id, _secret, body) => post('token', { ...body, client_id: id })],
  ['an empty secret in the body', (id, _secret, body) => post('token', { ...body, client_id: id, client_secret: '' })],
  ['an empty secret by Basic', (id, _secret, body) => post('token', body, basic(id, ''))],
];

describe('a client that registers without naming a method (R94)', () => {
  it.each([undefined, null, '', ' '])('as %p is told a secret for the body, and no mark of ours', async (method) => {
    const { registration } = await registerClient(server.issuer, { ...copilot, token_endpoint_auth_method: method });

    expect(registration).toMatchObject({
      token_endpoint_auth_method: 'client_secret_post',
      client_secret: expect.any(String),
      client_secret_expires_at: 0,
    });
    expect(registration).not.toHaveProperty('secret_is_optional');
  });

  it.each(ways)('redeems its code and renews with %s', async (_way, send) => {
    const client = await registerClient(server.issuer, copilot);
    const [id, secret] = [client.clientId, String(client.clientSecret)];
    const { url, verifier } = client.authorizationRequest();
    const code = (await createPerson(server.origin).approves(url)).searchParams.get('code') ?? '';

    const redeemed = await send(id, secret, { grant_type: 'authorization_code', code, code_verifier: verifier });

    expect(redeemed.status).toBe(200);
    expect((await send(id, secret, renewal(redeemed.body.refresh_token))).status).toBe(200);
    expect((await post('revoke', { token: redeemed.body.refresh_token, client_id: id })).status).toBe(200);
  });

  it.each([
    ['in the body', (id, secret, body) => post('token', { ...body, client_id: id, client_secret: `${secret}x` })],
    ['by Basic', (id, secret, body) => post('token', body, basic(id, `${secret}x`))],
    ['which is its id, by Basic', (id, _secret, body) => post('token', body, basic(id, id))],
  ] as readonly (readonly [string, Send])[])(
    'is refused with a wrong secret %s, and loses nothing',
    async (_way, send) => {
      const { client, refreshToken } = await connect(server, { client: copilot });

      const answer = await send(client.clientId, String(client.clientSecret), renewal(refreshToken));

      expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
      expect((await client.refresh(refreshToken)).status).toBe(200);
    },
  );

  it('is bound by PKCE where it comes without its secret', async () => {
    const client = await registerClient(server.issuer, copilot);
    const { url } = client.authorizationRequest();
    const code = (await createPerson(server.origin).approves(url)).searchParams.get('code') ?? '';
    const request = { grant_type: 'authorization_code', code, client_id: client.clientId };

    expect((await post('token', request)).body.error).toBe('invalid_grant');
    const other = client.authorizationRequest().verifier;
    expect((await post('token', { ...request, code_verifier: other })).body.error).toBe('invalid_grant');
  });

  it.each(['client_secret_post', 'client_secret_basic'])(
    'but one that names %s must come with its secret',
    async (method) => {
      const { client, refreshToken } = await connect(server, { client: { token_endpoint_auth_method: method } });

      const answer = await post('token', { ...renewal(refreshToken), client_id: client.clientId });

      expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    },
  );

  it('cannot make its secret optional by a member of its own', async () => {
    const metadata = { token_endpoint_auth_method: 'client_secret_post', secret_is_optional: true };
    const { client, refreshToken } = await connect(server, { client: metadata });

    const answer = await post('token', { ...renewal(refreshToken), client_id: client.clientId });

    expect(answer.status).toBe(401);
  });

  it('needs its secret from when it names a method (RFC 7592 §2.2)', async () => {
    const { registration, clientId, clientSecret } = await registerClient(server.issuer, copilot);
    const metadata = { ...copilot, client_id: clientId, token_endpoint_auth_method: 'client_secret_basic' };
    const headers = {
      'Content-Type': 'application/json',
      Authorization: `Bearer ${registration.registration_access_token}`,
    };
    const uri = String(registration.registration_client_uri);

    const changed = await fetch(uri, { method: 'PUT', headers, body: JSON.stringify(metadata) });
    const read = await fetch(uri, { headers });

    expect(await changed.json()).toMatchObject({
      token_endpoint_auth_method: 'client_secret_basic',
      client_secret: clientSecret,
    });
    expect(await read.json()).not.toHaveProperty('secret_is_optional');
    expect((await post('token', { ...renewal('x'), client_id: clientId })).body.error).toBe('invalid_client');
    expect((await post('token', renewal('x'), basic(clientId, String(clientSecret)))).body.error).toBe('invalid_grant');
  });
});
