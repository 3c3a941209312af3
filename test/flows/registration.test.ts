import { describe, expect, it } from '@jest/globals';
import { connect } from '../support/connect.ts';
import { basicOf, manage, postForm, refusal, send } from '../support/endpoints.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const server = shared(startServer);

/** The whole example of the product's documentation. */
const documentedBody = { client_name: 'My MCP tool', redirect_uris: ['http://127.0.0.1:33418/callback'] };

const register = (body: object) => send(`${server.issuer}/oauth/register`, { body });
const registered = (body: Record<string, unknown> = {}) =>
  registerClient(server.issuer, { ...documentedBody, ...body });

describe('a client that registers with a name and a redirect URI', () => {
  it('is told that it may stay connected, and with what it may authenticate (RFC 7591 §3.2.1, R17, R94)', async () => {
    const { status, headers, body } = await register(documentedBody);

    expect([status, headers.get('cache-control')]).toEqual([201, 'no-store']);
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

  it('is told of the scopes that it named those that exist, and is held to none of them (R98)', async () => {
    const client = await registered({ scope: 'project:read mcp:tools project:delete openid' });
    const changed = await manage(client, 'PUT', { scope: 'table:read' });
    const { answer } = await connect(server, { client: { scope: 'project:read' }, request: { scope: 'table:read' } });

    expect(client.registration.scope).toBe('project:read project:delete openid');
    expect([changed.body.scope, answer.body.scope]).toEqual(['table:read', 'table:read']);
    for (const scope of ['mcp claudeai', ['project:read']])
      expect((await registered({ scope })).registration).not.toHaveProperty('scope');
  });

  it('gets an id of at least 128 bits that no one can confuse with another (R23)', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, async () => (await registered()).clientId));
    // 22 characters of base64url are 132 bits.
    for (const id of ids) expect(id).toMatch(/^dyn-[\w-]{22,}$/);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('the registration token (RFC 7592)', () => {
  it('reads the registration', async () => {
    const client = await registered();
    const body = { client_id: client.clientId, ...documentedBody };
    expect(await manage(client, 'GET')).toMatchObject({ status: 200, body });
  });

  it('replaces the registration', async () => {
    const client = await registered();
    const body = { client_id: client.clientId, client_name: 'Another name' };
    expect(await manage(client, 'PUT', body)).toMatchObject({ status: 200, body });
    expect(await manage(client, 'GET')).toMatchObject({ body });
  });

  it('ends the registration, and the client is unknown (R29)', async () => {
    const client = await registered();
    expect((await manage(client, 'DELETE')).status).toBe(204);
    expect(await client.refresh('anything')).toMatchObject(refusal(401, 'invalid_client'));
  });

  it.each([
    ['GET', undefined],
    ['PUT', documentedBody],
    ['DELETE', undefined],
  ])('is asked for by %s (RFC 7592 §2)', async (method, metadata) => {
    const { registration } = await registered();
    const url = registration.registration_client_uri;
    const body = metadata && { body: { ...metadata, client_id: registration.client_id } };

    expect((await send(url, { method, ...body })).status).toBe(401);
    const withAnother = { registration: { ...registration, registration_access_token: 'another-token' } };
    expect((await manage(withAnother, method, metadata)).status).toBe(401);
    expect((await manage({ registration }, 'GET')).status).toBe(200);
  });

  it('opens no other registration', async () => {
    const [{ registration: mine }, { registration: theirs }] = [await registered(), await registered()];
    const registration = { ...theirs, registration_access_token: mine.registration_access_token };
    expect(await manage({ registration }, 'GET')).toMatchObject(refusal(401, 'invalid_token'));
  });
});

describe('a confidential client', () => {
  const methods = ['client_secret_basic', 'client_secret_post'] as const;

  it.each(methods)('gets a secret that never expires, for %s (RFC 7591 §3.2.1)', async (method) => {
    // Nothing that HTTP Basic would have to encode (R23).
    expect((await registered({ token_endpoint_auth_method: method })).registration).toMatchObject({
      token_endpoint_auth_method: method,
      client_secret: expect.stringMatching(/^[\w-]{43,}$/),
      client_secret_expires_at: 0,
    });
  });

  it.each(methods)('renews with its secret by %s, and not with another (RFC 6749 §2.3.1)', async (method) => {
    const { client, refreshToken } = await connect(server, { client: { token_endpoint_auth_method: method } });
    const secret = client.clientSecret ?? '';
    const other = (await registered({ token_endpoint_auth_method: method })).clientSecret ?? '';
    const renewsBy = (client_secret: string) => {
      const form = { grant_type: 'refresh_token', refresh_token: refreshToken };
      return method === 'client_secret_basic'
        ? postForm(server.issuer, 'token', form, basicOf(client.clientId, client_secret))
        : postForm(server.issuer, 'token', { ...form, client_id: client.clientId, client_secret });
    };

    for (const wrong of [other, `${secret}x`, secret.slice(0, 22), ''])
      expect(await renewsBy(wrong)).toMatchObject(refusal(401, 'invalid_client'));
    expect((await renewsBy(secret)).status).toBe(200);
  });

  it('reads its own secret with its registration token (RFC 7592 §2.1)', async () => {
    const client = await registered({ token_endpoint_auth_method: 'client_secret_post' });
    expect((await manage(client, 'GET')).body.client_secret).toBe(client.clientSecret);
  });
});
