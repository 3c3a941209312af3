import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aboutFiles, aboutMail, ask, files, mail, proxiedResource } from '../forward-auth/proxied.ts';
import { createGateway, type Gateway } from '../gateway/gateway.ts';
import { type Attacked, startAttacked } from '../support/attacked.ts';
import { basic, gateway as gatewayOfFiles, stranger as gatewayOfMail } from '../support/gateway-policy.ts';
import { changedPolicy } from '../support/policy.ts';

/**
 * RFC 9700 §4.9, access token leakage at the resource server, and §4.10, misuse of stolen access tokens: a server that is
 * counterfeit or was broken into has tokens for itself, and they are worth nothing anywhere else.
 */
let here: Attacked;
let token: string;
let atFiles: Gateway;
let atMail: Gateway;
beforeAll(async () => {
  const clients = [gatewayOfFiles, gatewayOfMail].map(({ clientId, clientSecret }) => ({
    client_id: clientId,
    client_secret: clientSecret,
    redirect_uris: [],
  }));
  using policy = changedPolicy({
    clients,
    resources: [
      proxiedResource(files, { client: gatewayOfFiles.clientId }),
      proxiedResource(mail, { client: gatewayOfMail.clientId }),
    ],
  });
  here = await startAttacked({ env: { ...policy.env, TRUSTED_PROXIES: '127.0.0.1' } });
  const { callback, verifier } = await here.approved(here.client, { resource: files });
  token = (await here.client.exchange(callback, verifier)).body.access_token ?? '';
  atFiles = await createGateway(here.server.issuer, { resource: files });
  atMail = await createGateway(here.server.issuer, { resource: mail });
});
afterAll(async () => {
  await Promise.all([atFiles, atMail].map((gateway) => gateway[Symbol.asyncDispose]()));
  await here.close();
});

const introspectedBy = async (gateway: typeof gatewayOfFiles) => {
  const body = new URLSearchParams({ token });
  return await fetch(`${here.server.issuer}/oauth/introspect`, { method: 'POST', headers: basic(gateway), body });
};

describe('a token that leaked at one resource server', () => {
  it('opens that one', async () => {
    expect((await atFiles.call(token)).status).toBe(200);
    expect((await ask(here.server, { token, tail: aboutFiles })).status).toBe(200);
    expect(await (await introspectedBy(gatewayOfFiles)).json()).toMatchObject({ active: true });
  });

  it('is refused at another one by the kit (RFC 8707 §2)', async () => {
    const refused = await here.changesNothing(() => atMail.call(token));
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringContaining('error="invalid_token"'),
    ]);
  });

  it('is refused at another one by forward authentication (RFC 8707 §2)', async () => {
    const { status, headers } = await here.changesNothing(() => ask(here.server, { token, tail: aboutMail }));
    expect(status).toBe(401);
    expect(headers['www-authenticate']).toContain('https://mail.example/.well-known/oauth-protected-resource/mcp');
    expect(headers['www-authenticate']).toContain('error="invalid_token"');
    expect(headers).not.toHaveProperty('x-account-id');
  });

  it('tells the other one nothing by introspection (RFC 7662 §4)', async () => {
    const answer = await here.changesNothing(() => introspectedBy(gatewayOfMail));
    expect(await answer.json()).toEqual({ active: false });
  });

  it.each(['/oauth/userinfo', '/oauth/account', '/oauth/account/security'])(
    'tells nothing of its person at %s',
    async (path) => {
      const headers = { Authorization: `Bearer ${token}`, Accept: 'text/html' };
      const answer = await here.changesNothing(() => fetch(here.server.issuer + path, { headers, redirect: 'manual' }));
      expect([303, 401, 403]).toContain(answer.status);
      expect(await answer.text()).not.toContain('demo@example.com');
    },
  );

  it('gets no other token: not as a code, not as a refresh token, not as a registration', async () => {
    const attempts = [
      () => here.client.refresh(token),
      () => here.client.post('token', { grant_type: 'authorization_code', code: token, code_verifier: 'v'.repeat(43) }),
    ];
    for (const attempt of attempts)
      expect(await here.changesNothing(attempt)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });

    const registration = `${here.server.issuer}/oauth/register/${here.client.clientId}`;
    const headers = { Authorization: `Bearer ${token}` };
    const managed = await here.changesNothing(() => fetch(registration, { method: 'DELETE', headers }));
    expect(managed.status).toBe(401);
  });
});
