import { describe, expect, it } from '@jest/globals';
import { connect } from '../support/connect.ts';
import { redirectUri, registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const server = shared(startServer);

/** The whole example of the product's documentation. */
const documentedBody = { client_name: 'My MCP tool', redirect_uris: ['http://127.0.0.1:33418/callback'] };

async function send(method: string, url: string, token?: string, body?: object) {
  const response = await fetch(url, {
    method,
    headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) };
}

const register = (body: object) => send('POST', `${server.issuer}/oauth/register`, undefined, body);

describe('a client that registers with a name and a redirect URI', () => {
  it('is told that it may stay connected, and with what it may authenticate (RFC 7591 §3.2.1, R17, R94)', async () => {
    const { status, headers, body } = await register(documentedBody);

    expect(status).toBe(201);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toMatchObject({
      ...documentedBody,
      client_id_issued_at: expect.any(Number),
      token_endpoint_auth_method: 'client_secret_post',
      client_secret: expect.stringMatching(/^[\w-]{43,}$/),
      client_secret_expires_at: 0,
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    });
  });

  it('gets no secret when it says that it has none, which it would try to use (R24)', async () => {
    const { body } = await register({ ...documentedBody, token_endpoint_auth_method: 'none' });

    expect(body.token_endpoint_auth_method).toBe('none');
    expect(Object.keys(body).filter((member) => member.startsWith('client_secret'))).toEqual([]);
  });

  it('is told of the scopes that it named those that exist, and is held to none of them (R98)', async () => {
    const scope = 'project:read mcp:tools project:delete openid';
    const { body } = await register({ ...documentedBody, scope });
    const { registration_access_token: token, registration_client_uri: uri, client_id } = body;
    const changed = await send('PUT', uri, token, { ...documentedBody, client_id, scope: 'table:read' });
    const { answer } = await connect(server, { client: { scope: 'project:read' }, request: { scope: 'table:read' } });

    expect(body.scope).toBe('project:read project:delete openid');
    expect(changed.body.scope).toBe('table:read');
    expect(answer.body.scope).toBe('table:read');
    expect((await register({ ...documentedBody, scope: 'mcp claudeai' })).body).not.toHaveProperty('scope');
    expect((await register({ ...documentedBody, scope: ['project:read'] })).body).not.toHaveProperty('scope');
  });

  it('gets no null and no empty member (R6)', async () => {
    const { body } = await register(documentedBody);

    expect(Object.values(body).filter((value) => value === null || value === '')).toEqual([]);
  });

  it('gets refresh tokens', async () => {
    const { client, refreshToken } = await connect(server, { client: documentedBody });

    expect((await client.refresh(refreshToken)).status).toBe(200);
  });

  it('gets an id of at least 128 bits that no one can confuse with another (R23)', async () => {
    const ids = await Promise.all(
      Array.from({ length: 20 }, async () => (await register(documentedBody)).body.client_id),
    );

    // 22 characters of base64url are 132 bits.
    for (const id of ids) expect(id).toMatch(/^dyn-[\w-]{22,}$/);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each([
    ['no redirect URI', { client_name: 'A tool' }, 'invalid_redirect_uri'],
    ['a redirect URI with a fragment', { redirect_uris: ['https://tool.example/#here'] }, 'invalid_redirect_uri'],
    ['a redirect URI that is script', { redirect_uris: ['javascript:alert(1)'] }, 'invalid_redirect_uri'],
  ])('but with %s is refused in JSON (RFC 7591 §3.2.2, R25)', async (_name, metadata, error) => {
    const { status, headers, body } = await register(metadata);

    expect({ status, type: headers.get('content-type') }).toEqual({
      status: 400,
      type: 'application/json; charset=utf-8',
    });
    expect(body.error).toBe(error);
  });
});

describe('the registration token (RFC 7592)', () => {
  it('reads the registration', async () => {
    const { body } = await register(documentedBody);

    const { registration_access_token: token, registration_client_uri: uri } = body;
    expect(await send('GET', uri, token)).toMatchObject({
      status: 200,
      body: { client_id: body.client_id, ...documentedBody },
    });
  });

  it('replaces the registration', async () => {
    const { body } = await register(documentedBody);
    const { registration_access_token: token, registration_client_uri: uri, client_id } = body;

    const replaced = await send('PUT', uri, token, { ...documentedBody, client_id, client_name: 'Another name' });

    expect(replaced).toMatchObject({ status: 200, body: { client_id, client_name: 'Another name' } });
    expect((await send('GET', uri, token)).body.client_name).toBe('Another name');
  });

  it('ends the registration, and the client is unknown (R29)', async () => {
    const client = await registerClient(server.issuer);
    const { registration_access_token: token, registration_client_uri: uri } = client.registration;

    expect((await send('DELETE', String(uri), String(token))).status).toBe(204);
    expect(await client.refresh('anything')).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });

  it.each([
    ['GET', undefined],
    ['PUT', documentedBody],
    ['DELETE', undefined],
  ])('is asked for by %s (RFC 7592 §2)', async (method, metadata) => {
    const { body } = await register(documentedBody);
    const request = metadata && { ...metadata, client_id: body.client_id };

    const without = await send(method, body.registration_client_uri, undefined, request);
    const withAnother = await send(method, body.registration_client_uri, 'another-token', request);

    expect([without.status, withAnother.status]).toEqual([401, 401]);
    expect((await send('GET', body.registration_client_uri, body.registration_access_token)).status).toBe(200);
  });

  it('opens no other registration', async () => {
    const [mine, theirs] = await Promise.all([register(documentedBody), register(documentedBody)]);

    const answer = await send('GET', theirs.body.registration_client_uri, mine.body.registration_access_token);

    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_token' } });
  });
});

describe('a confidential client', () => {
  const methods = ['client_secret_basic', 'client_secret_post'] as const;
  type Method = (typeof methods)[number];

  /** A refresh with these credentials, presented as the method says. */
  async function refreshBy(method: Method, id: string, secret: string, refreshToken: string) {
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken });
    const headers: Record<string, string> = {};
    if (method === 'client_secret_basic') headers.Authorization = `Basic ${btoa(`${id}:${secret}`)}`;
    else for (const [name, value] of Object.entries({ client_id: id, client_secret: secret })) body.set(name, value);
    const response = await fetch(`${server.issuer}/oauth/token`, { method: 'POST', headers, body });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  it.each(methods)('gets a secret that never expires, for %s (RFC 7591 §3.2.1)', async (method) => {
    const { status, body } = await register({ ...documentedBody, token_endpoint_auth_method: method });

    expect(status).toBe(201);
    // Nothing that HTTP Basic would have to encode (R23).
    expect(body).toMatchObject({
      token_endpoint_auth_method: method,
      client_secret: expect.stringMatching(/^[\w-]{43,}$/),
      client_secret_expires_at: 0,
    });
  });

  it.each(methods)('renews with its secret by %s, and not with another (RFC 6749 §2.3.1)', async (method) => {
    const { client, refreshToken } = await connect(server, { client: { token_endpoint_auth_method: method } });
    const secret = String(client.clientSecret);
    const other = String((await registerClient(server.issuer, { token_endpoint_auth_method: method })).clientSecret);

    for (const wrong of [other, `${secret}x`, secret.slice(0, 22), '']) {
      const { status, body } = await refreshBy(method, client.clientId, wrong, refreshToken);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(['invalid_client', 'invalid_request']).toContain(body.error);
    }
    expect((await refreshBy(method, client.clientId, secret, refreshToken)).status).toBe(200);
  });

  it('is not believed without its secret (RFC 6749 §3.2.1)', async () => {
    const { client, refreshToken } = await connect(server, { client: { token_endpoint_auth_method: methods[1] } });

    const answer = await client.post('token', {
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      client_secret: '',
    });

    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });

  it('reads its own secret with its registration token (RFC 7592 §2.1)', async () => {
    const { registration, clientSecret } = await registerClient(server.issuer, {
      redirect_uris: [redirectUri],
      token_endpoint_auth_method: 'client_secret_post',
    });

    const { registration_client_uri: uri, registration_access_token: token } = registration;
    expect((await send('GET', String(uri), String(token))).body.client_secret).toBe(clientSecret);
  });
});
