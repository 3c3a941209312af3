import { describe, expect, it } from '@jest/globals';
import type { LocalDirectory } from '../../src/directory/index.ts';
import { type Store, StoreUnavailable } from '../../src/storage/index.ts';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { approve } from '../support/approval.ts';
import { connect } from '../support/connect.ts';
import { basicOf, bearer, manage, postForm, refusal, send } from '../support/endpoints.ts';
import { createPerson } from '../support/person.ts';
import { type RelyingParty, registerClient } from '../support/relying-party.ts';
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

const remove = async (client: Pick<RelyingParty, 'registration'>) => (await manage(client, 'DELETE')).status;
const userinfo = async (token: string) =>
  (await fetch(`${server.issuer}/oauth/userinfo`, { headers: bearer(token) })).status;
const withOpenid = () => connect(server, { request: { scope: 'openid' } });

describe('a client that removes its registration (RFC 7592 §2.3, R83)', () => {
  it.each([
    ['takes what people approved for it along', (uri: string) => uri],
    [
      'also does so when it spells the path in other letters: the provider answers there, too',
      (uri: string) => uri.replace('/oauth/register/', '/OAuth/REGISTER/'),
    ],
    [
      'also does so when it spells the path with a slash at the end: the provider answers there, too',
      (uri: string) => `${uri}/`,
    ],
  ])('%s', async (_name, spell) => {
    const { client, accessToken, refreshToken, claims } = await withOpenid();
    expect(await userinfo(accessToken)).toBe(200);

    const registration_client_uri = spell(String(client.registration.registration_client_uri));
    expect(await remove({ registration: { ...client.registration, registration_client_uri } })).toBe(204);

    expect(await userinfo(accessToken)).toBe(401);
    expect((await client.refresh(refreshToken)).body.error).toBe('invalid_client');
    const told = { event: 'connection.revoked', reason: 'client removed', connection: claims.grant_id };
    expect(server.logLines).toContainEqual(expect.objectContaining(told));
  });

  it('leaves the connections of other clients alone', async () => {
    const [removed, other] = [await withOpenid(), await withOpenid()];
    await remove(removed.client);
    expect((await other.client.refresh(other.refreshToken)).status).toBe(200);
  });

  it('ends nothing when somebody else tries', async () => {
    const { client, refreshToken } = await connect(server);
    const url = client.registration.registration_client_uri;
    expect((await send(url, { method: 'DELETE', headers: bearer('guessed') })).status).toBe(401);
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });
});

describe('a client whose removal is interrupted', () => {
  it.each(['append', 'remove', 'unlist'] as const)(
    'by a store that fails to %s removes itself with the next try, and its connections are told to have ended',
    async (failing) => {
      const store = createSqliteStore(':memory:');
      let isFailing = false;
      const failingStore: Store = new Proxy(store, {
        get(target, name) {
          const method = Reflect.get(target, name).bind(target);
          if (name !== failing) return method;
          return (...given: unknown[]) =>
            isFailing ? Promise.reject(new StoreUnavailable('for a moment')) : method(...given);
        },
      });
      await using own = await startServer({ parts: { store: failingStore } });
      const { client, claims } = await connect(own);
      isFailing = true;
      expect(await remove(client)).toBe(503);
      isFailing = false;
      expect(await remove(client)).toBe(204);

      const told = (await store.readFeed('revocations', undefined, 100)).map(({ entry }) => JSON.parse(entry));
      expect(told.map(({ id }) => id)).toContain(claims.grant_id);
      expect(await store.read(`connection:{${claims.grant_id}}`)).toBeUndefined();
      await store.close();
    },
  );
});

describe('a new password', () => {
  it('ends the connections and the sessions of its account, because the policy says so (R83)', async () => {
    const directory = server.server.directory as LocalDirectory;
    const organizationId = String((await directory.findOrganizationBySlug('acme'))?.id);
    const actions = { email: 'ada@example.com', password: 'the first password' };
    const memberships = [{ organizationId, role: 'owner' }];
    const { id } = await directory.createAccount({ ...actions, name: 'Ada', memberships });
    const { client, person, refreshToken } = await connect(server, { actions });

    await directory.changePassword(id, 'the second password');

    expect((await client.refresh(refreshToken)).body.error).toBe('invalid_grant');
    const page = await person.browser.open(client.authorizationRequest().url.href);
    expect(page.html).toContain('/sign-in"');
    const again = createPerson(server.origin, { ...actions, password: 'the second password' });
    expect((await approve(client, again)).code).toBeTruthy();
  });
});
