import { describe, expect, it } from '@jest/globals';
import type { LocalDirectory } from '../../src/directory/index.ts';
import { type Store, StoreUnavailable } from '../../src/storage/index.ts';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { approve } from '../support/approval.ts';
import { connect } from '../support/connect.ts';
import { bearer, manage, send } from '../support/endpoints.ts';
import { createPerson } from '../support/person.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const server = shared(startServer);

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
