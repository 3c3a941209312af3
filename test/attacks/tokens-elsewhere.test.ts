import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { aboutFiles, aboutMail, ask, calling, files, mail, proxiedResource } from '../forward-auth/proxied.ts';
import { createGateway } from '../gateway/gateway.ts';
import { createIssuer } from '../gateway/issuer.ts';
import { startAttacked } from '../support/attacked.ts';
import { basic, gateway as gatewayOfFiles, stranger as gatewayOfMail } from '../support/gateway-policy.ts';
import type { Actions } from '../support/person.ts';
import { shared } from '../support/shared.ts';

const fewest = ['organization:read', 'project:read'];
const tools = { remove_project: ['project:delete'], '*': [] };
const here = shared(() =>
  startAttacked({
    env: { TRUSTED_PROXIES: '127.0.0.1' },
    policy: {
      clients: [gatewayOfFiles, gatewayOfMail].map(({ clientId, clientSecret }) => ({
        ...{ client_id: clientId, client_secret: clientSecret, redirect_uris: [] },
      })),
      resources: [
        proxiedResource(files, { client: gatewayOfFiles.clientId, defaultScopes: fewest, tools }),
        proxiedResource(mail, { client: gatewayOfMail.clientId }),
      ],
    },
  }),
);
const atFiles = shared(() => createGateway(here.server.issuer, { resource: files }));
const atMail = shared(() => createGateway(here.server.issuer, { resource: mail }));
const forFiles = shared(() => here.connected(here.client, { resource: files }));
const forMail = shared(async () =>
  here.connected(await here.registers(), { resource: mail, scope: 'openid project:read' }),
);

const challengeOf = ({ headers }: Response | Awaited<ReturnType<typeof ask>>) =>
  String(headers instanceof Headers ? headers.get('www-authenticate') : headers['www-authenticate']);
const invalidToken = expect.stringContaining('error="invalid_token"');

/**
 * RFC 9700 §4.9, access token leakage at the resource server, and §4.10, misuse of stolen access tokens: a server that is
 * counterfeit or was broken into has tokens for itself, and they are worth nothing anywhere else.
 */
describe('a token that leaked at one resource server', () => {
  const leaked = () => String(forFiles.access_token);
  const introspectedBy = async (gateway: typeof gatewayOfFiles) => {
    const body = new URLSearchParams({ token: leaked() });
    const init = { method: 'POST', headers: basic(gateway), body };
    return (await fetch(`${here.server.issuer}/oauth/introspect`, init)).json();
  };

  it('opens that one', async () => {
    expect((await atFiles.call(leaked())).status).toBe(200);
    expect((await ask(here.server, { token: leaked(), tail: aboutFiles })).status).toBe(200);
    expect(await introspectedBy(gatewayOfFiles)).toMatchObject({ active: true });
  });

  it('is refused at another one by the kit (RFC 8707 §2)', async () => {
    const refused = await here.changesNothing(() => atMail.call(leaked()));
    expect([refused.status, challengeOf(refused)]).toEqual([401, invalidToken]);
  });

  it('is refused at another one by forward authentication (RFC 8707 §2)', async () => {
    const refused = await here.changesNothing(() => ask(here.server, { token: leaked(), tail: aboutMail }));
    expect([refused.status, challengeOf(refused)]).toEqual([401, invalidToken]);
    expect(challengeOf(refused)).toContain('https://mail.example/.well-known/oauth-protected-resource/mcp');
    expect(refused.headers).not.toHaveProperty('x-account-id');
  });

  it('tells the other one nothing by introspection (RFC 7662 §4)', async () => {
    expect(await here.changesNothing(() => introspectedBy(gatewayOfMail))).toEqual({ active: false });
  });

  it.each(['/oauth/userinfo', '/oauth/account', '/oauth/account/security'])(
    'tells nothing of its person at %s',
    async (path) => {
      const headers = { Authorization: `Bearer ${leaked()}`, Accept: 'text/html' };
      const answer = await here.changesNothing(() => fetch(here.server.issuer + path, { headers, redirect: 'manual' }));
      expect([303, 401, 403]).toContain(answer.status);
      expect(await answer.text()).not.toContain('demo@example.com');
    },
  );

  it('gets no other token: not as a code, not as a refresh token, not as a registration', async () => {
    const { issuer } = here.server;
    const asCode = { grant_type: 'authorization_code', code: leaked(), code_verifier: 'v'.repeat(43) };
    for (const attempt of [() => here.client.refresh(leaked()), () => here.client.post('token', asCode)])
      expect(await here.changesNothing(attempt)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });

    const init = { method: 'DELETE', headers: { Authorization: `Bearer ${leaked()}` } };
    const manages = () => fetch(`${issuer}/oauth/register/${here.client.clientId}`, init);
    expect((await here.changesNothing(manages)).status).toBe(401);
  });
});

/**
 * MCP security best practices, "Token Passthrough": an MCP server takes tokens only that were issued for it, so nothing that
 * one was handed, and passed on, opens the next.
 */
describe('a token that is passed on', () => {
  const elsewhere = shared(createIssuer);
  const claims = () => decodeJwt(String(forMail.access_token));
  const passedOn: Record<string, () => unknown> = {
    'was issued for another server': () => forFiles.access_token,
    'is a refresh token': () => forMail.refresh_token,
    'is an ID token': () => forMail.id_token,
    'another authorization server issued': () => elsewhere.sign({ ...claims(), iss: elsewhere.url }),
    'another authorization server issued in the name of this one': () => elsewhere.sign(claims()),
    'has no audience': () => elsewhere.sign({ ...claims(), aud: undefined }),
  };

  it.each(Object.entries(passedOn))(
    'and %s is refused by the kit and by forward authentication',
    async (_kind, make) => {
      const token = String(await make());
      expect(token.length).toBeGreaterThan(40);

      const byKit = await here.changesNothing(() => atMail.call(token));
      const byProxy = await here.changesNothing(() => ask(here.server, { token, tail: aboutMail }));

      for (const answer of [byKit, byProxy]) expect([answer.status, challengeOf(answer)]).toEqual([401, invalidToken]);
    },
  );

  it('is nothing that forward authentication hands to the server behind, which learns who asks', async () => {
    const token = String(forMail.access_token);
    const { status, headers, body } = await ask(here.server, { token, tail: aboutMail });

    expect([status, (await atMail.call(token)).status]).toEqual([200, 200]);
    expect(headers).toHaveProperty('x-account-id');
    expect(JSON.stringify(headers) + body).not.toContain(token);
  });
});

/** MCP security best practices, "Scope Minimization": a token has what was approved, nobody is told to ask for all there is. */
describe('a token', () => {
  it.each(['project:read project:delete', 'project:delete', '*:*', 'project:*'])(
    'has no more by asking for %s at renewal (RFC 6749 §6)',
    async (scope) => {
      const { client, refresh_token: token = '' } = await connects({ scope: 'project:read' });
      const { status, body } = await client.refresh(token, { scope });
      const inToken = decodeJwt(String(body.access_token)).scope;
      expect([status, body.scope, inToken]).toEqual([200, 'project:read', 'project:read']);
    },
  );

  it('has no more by asking where a code is redeemed', async () => {
    const client = await here.registers();
    const { callback, verifier } = await here.approved(client, { resource: files });
    const { body } = await client.exchange(callback, verifier, { scope: '*:*' });
    expect(decodeJwt(String(body.access_token)).scope).toBe('project:read');
  });

  it('with a pattern has no more than its person may grant, whatever a form says', async () => {
    const scopes = ['project:read', 'project:delete', '*:*'];
    const { access_token: token } = await connects({ scope: '*:*' }, { organization: 'globex', scopes });
    expect(decodeJwt(String(token))).toMatchObject({ org_role: 'viewer', scope: 'project:read' });
  });
});

describe('a tool is told to ask for', () => {
  it('the fewest scopes that are of use, by the challenge and the metadata', async () => {
    await using gateway = await createGateway(here.server.issuer, { resource: files, scopes: fewest });
    const byKit = await here.changesNothing(() => gateway.request('/mcp'));
    const byProxy = await here.changesNothing(() => ask(here.server, { tail: aboutFiles }));

    const hint = expect.stringContaining(`scope="${fewest.join(' ')}"`);
    for (const answer of [byKit, byProxy]) expect([answer.status, challengeOf(answer)]).toEqual([401, hint]);
    const metadata = await (await gateway.request('/.well-known/oauth-protected-resource/mcp')).json();
    expect(metadata).toMatchObject({ scopes_supported: fewest });
  });

  it('what one call needs beyond that, and not for all there is', async () => {
    const { access_token: token = '' } = await connects({ scope: 'project:read' });
    const call = { token, tail: aboutFiles, headers: calling('remove_project') };
    const refused = await here.changesNothing(() => ask(here.server, call));

    expect(refused.status).toBe(403);
    expect(challengeOf(refused)).toContain('error="insufficient_scope"');
    expect(challengeOf(refused)).toContain('scope="project:read project:delete"');
  });
});

/** Of a client of its own: what it is granted once is asked for again. */
async function connects(parameters: Record<string, string>, actions: Actions = {}) {
  const client = await here.registers();
  const { url, verifier } = client.authorizationRequest({ resource: files, ...parameters });
  const { body } = await client.exchange(await here.person.approves(url, actions), verifier);
  return { client, ...body };
}
