import { describe, expect, it } from '@jest/globals';
import { type Store, StoreUnavailable } from '../../src/storage/index.ts';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { type Connected, connect } from '../support/connect.ts';
import { createPerson } from '../support/person.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const server = shared(startServer);

async function remove({ client }: Connected) {
  const { registration_client_uri: uri, registration_access_token: token } = client.registration;
  return (await fetch(String(uri), { method: 'DELETE', headers: { Authorization: `Bearer ${token}` } })).status;
}

const userinfo = async (token: string) =>
  (await fetch(`${server.issuer}/oauth/userinfo`, { headers: { Authorization: `Bearer ${token}` } })).status;

describe('a client that removes its registration (RFC 7592 §2.3, R83)', () => {
  it('takes what people approved for it along', async () => {
    const { client, accessToken, refreshToken } = await connect(server, { request: { scope: 'openid' } });
    expect(await userinfo(accessToken)).toBe(200);

    const { registration_client_uri: uri, registration_access_token: token } = client.registration as Record<
      string,
      string
    >;
    const removed = await fetch(String(uri), { method: 'DELETE', headers: { Authorization: `Bearer ${token}` } });

    expect(removed.status).toBe(204);
    expect(await userinfo(accessToken)).toBe(401);
    expect((await client.refresh(refreshToken)).body.error).toBe('invalid_client');
    expect(server.logLines).toContainEqual(
      expect.objectContaining({ event: 'connection.revoked', reason: 'client removed' }),
    );
  });

  it.each([
    ['in other letters', (uri: string) => uri.replace('/oauth/register/', '/OAuth/REGISTER/')],
    ['with a slash at the end', (uri: string) => `${uri}/`],
  ])('also does so when it spells the path %s: the provider answers there, too', async (_name, spell) => {
    const { client, accessToken, claims } = await connect(server, { request: { scope: 'openid' } });
    const { registration_client_uri: uri, registration_access_token: token } = client.registration;
    const headers = { Authorization: `Bearer ${token}` };
    expect((await fetch(spell(String(uri)), { method: 'DELETE', headers })).status).toBe(204);
    expect(await userinfo(accessToken)).toBe(401);
    expect(server.logLines).toContainEqual(
      expect.objectContaining({ reason: 'client removed', connection: claims.grant_id }),
    );
  });

  it('leaves the connections of other clients alone', async () => {
    const removed = await connect(server, { request: { scope: 'openid' } });
    const other = await connect(server, { request: { scope: 'openid' } });
    const { registration_client_uri: uri, registration_access_token: token } = removed.client.registration as Record<
      string,
      string
    >;
    await fetch(String(uri), { method: 'DELETE', headers: { Authorization: `Bearer ${token}` } });
    expect((await other.client.refresh(other.refreshToken)).status).toBe(200);
  });

  it('ends nothing when somebody else tries', async () => {
    const { client, refreshToken } = await connect(server);
    const uri = String(client.registration.registration_client_uri);
    const refused = await fetch(uri, { method: 'DELETE', headers: { Authorization: 'Bearer guessed' } });
    expect(refused.status).toBe(401);
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
      const connected = await connect(own);
      isFailing = true;
      expect(await remove(connected)).toBe(503);
      isFailing = false;
      expect(await remove(connected)).toBe(204);

      const told = (await store.readFeed('revocations', undefined, 100)).map(({ entry }) => JSON.parse(entry));
      expect(told.map(({ id }) => id)).toContain(connected.claims.grant_id);
      expect(await store.read(`connection:{${connected.claims.grant_id}}`)).toBeUndefined();
      await store.close();
    },
  );
});

describe('a new password', () => {
  const directory = () =>
    server.server.directory as unknown as {
      createAccount(account: object): Promise<{ id: string }>;
      findOrganizationBySlug(slug: string): Promise<{ id: string }>;
      changePassword(accountId: string, password: string): Promise<void>;
    };

  it('ends the connections and the sessions of its account, because the policy says so (R83)', async () => {
    const { id: organizationId } = await directory().findOrganizationBySlug('acme');
    const actions = { email: 'ada@example.com', password: 'the first password' };
    const memberships = [{ organizationId, role: 'owner' }];
    const { id } = await directory().createAccount({ ...actions, name: 'Ada', memberships });
    const { client, person, refreshToken } = await connect(server, { actions });

    await directory().changePassword(id, 'the second password');

    expect((await client.refresh(refreshToken)).body.error).toBe('invalid_grant');
    const page = await person.browser.open(client.authorizationRequest().url.href);
    expect(page.html).toContain('/sign-in"');
    const again = createPerson(server.origin, { email: 'ada@example.com', password: 'the second password' });
    expect((await again.approves(client.authorizationRequest().url)).searchParams.get('code')).toBeTruthy();
  });
});
