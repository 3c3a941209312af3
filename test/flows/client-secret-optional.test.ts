import { describe, expect, it } from '@jest/globals';
import { approve } from '../support/approval.ts';
import { connect } from '../support/connect.ts';
import { basic as basicOf } from '../support/gateway-policy.ts';
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

const basic = (clientId: string, clientSecret: string) => basicOf({ clientId, clientSecret });
const renewal = (refreshToken: string) => ({ grant_type: 'refresh_token', refresh_token: refreshToken });

const refused = { status: 401, body: { error: 'invalid_client' } };

type Send = (id: string, secret: string, body: Record<string, string>) => ReturnType<typeof post>;
const inBody = (id: string, secret: string, body: object) =>
  post('token', { ...body, client_id: id, client_secret: secret });
const byBasic = (id: string, secret: string, body: Record<string, string>) => post('token', body, basic(id, secret));
const alone = (id: string, _secret: string, body: object) => post('token', { ...body, client_id: id });

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

  /** Somebody has approved it; nobody redeemed the code. */
  async function approved() {
    const client = await registerClient(server.issuer, copilot);
    const { callback, verifier } = await approve(client, createPerson(server.origin));
    const code = callback.searchParams.get('code') ?? '';
    return { client, id: client.clientId, secret: String(client.clientSecret), code, verifier };
  }

  it.each<[string, Send]>([
    ['its secret in the body', inBody],
    ['its secret by Basic', byBasic],
    ['no secret', alone],
    ['an empty secret in the body', (id, _secret, body) => inBody(id, '', body)],
    ['an empty secret by Basic', (id, _secret, body) => byBasic(id, '', body)],
  ])('redeems its code and renews with %s', async (_way, send) => {
    const { id, secret, code, verifier } = await approved();

    const redeemed = await send(id, secret, { grant_type: 'authorization_code', code, code_verifier: verifier });

    expect(redeemed.status).toBe(200);
    expect((await send(id, secret, renewal(redeemed.body.refresh_token))).status).toBe(200);
    expect((await post('revoke', { token: redeemed.body.refresh_token, client_id: id })).status).toBe(200);
  });

  it.each<[string, Send]>([
    ['in the body', (id, secret, body) => inBody(id, `${secret}x`, body)],
    ['by Basic', (id, secret, body) => byBasic(id, `${secret}x`, body)],
    ['which is its id, by Basic', (id, _secret, body) => byBasic(id, id, body)],
  ])('is refused with a wrong secret %s, and loses nothing', async (_way, send) => {
    const { client, refreshToken } = await connect(server, { client: copilot });

    expect(await send(client.clientId, String(client.clientSecret), renewal(refreshToken))).toMatchObject(refused);
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });

  it('is bound by PKCE where it comes without its secret', async () => {
    const { client, id, secret, code } = await approved();

    for (const other of [{}, { code_verifier: client.authorizationRequest().verifier }]) {
      const answer = await alone(id, secret, { grant_type: 'authorization_code', code, ...other });
      expect(answer.body.error).toBe('invalid_grant');
    }
  });

  const named = (method: string) => ({ token_endpoint_auth_method: method });
  it.each([
    ['but one that names client_secret_post must come with its secret', named('client_secret_post')],
    ['but one that names client_secret_basic must come with its secret', named('client_secret_basic')],
    [
      'cannot make its secret optional by a member of its own',
      { ...named('client_secret_post'), secret_is_optional: true },
    ],
  ])('%s', async (_name, metadata) => {
    const { client, refreshToken } = await connect(server, { client: metadata });

    expect(await alone(client.clientId, '', renewal(refreshToken))).toMatchObject(refused);
  });

  it('needs its secret from when it names a method (RFC 7592 §2.2)', async () => {
    const { registration, clientId, clientSecret } = await registerClient(server.issuer, copilot);
    const body = JSON.stringify({ ...copilot, client_id: clientId, ...named('client_secret_basic') });
    const Authorization = `Bearer ${registration.registration_access_token}`;
    const headers = { 'Content-Type': 'application/json', Authorization };
    const uri = String(registration.registration_client_uri);

    const changed = await fetch(uri, { method: 'PUT', headers, body });
    const read = await fetch(uri, { headers });

    expect(await changed.json()).toMatchObject({ ...named('client_secret_basic'), client_secret: clientSecret });
    expect(await read.json()).not.toHaveProperty('secret_is_optional');
    expect((await alone(clientId, '', renewal('x'))).body.error).toBe('invalid_client');
    expect((await byBasic(clientId, String(clientSecret), renewal('x'))).body.error).toBe('invalid_grant');
  });
});
