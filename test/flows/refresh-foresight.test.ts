import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { createLocalDirectory, type Directory, seedDemonstration } from '../../src/directory/index.ts';
import { createRecordNames, createVault, openStore } from '../../src/storage/index.ts';
import { connect } from '../support/connect.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** A directory that counts what it is asked, and can be away. */
async function createWatchedDirectory() {
  const store = openStore({ kind: 'sqlite', file: ':memory:' }, () => undefined);
  const vault = createVault('a secret that only tests may know');
  const local = createLocalDirectory({ store, names: createRecordNames('', vault), hash: vault.hash });
  await seedDemonstration(local);
  const watched = { asked: [] as string[], isAway: false, deniesOnce: false };
  const directory: Directory = {
    ...local,
    async findMembership(accountId, organizationId) {
      watched.asked.push(organizationId);
      if (watched.isAway) throw new Error('the directory is away');
      const isDenied = watched.deniesOnce;
      watched.deniesOnce = false;
      if (isDenied) return undefined;
      return local.findMembership(accountId, organizationId);
    },
  };
  return { store, directory, watched };
}

/** From its second refresh on a server asks the directory before it knows whether the refresh token is any good. */
describe('what a server remembers of a connection from one refresh to the next', () => {
  let server: TestServer;
  let watched: Awaited<ReturnType<typeof createWatchedDirectory>>['watched'];
  let close: () => Promise<void>;
  beforeEach(async () => {
    const made = await createWatchedDirectory();
    watched = made.watched;
    server = await startServer({ parts: { directory: made.directory } });
    close = () => server.close().then(() => made.store.close());
  });
  afterEach(() => close());

  async function refreshTwice() {
    const connected = await connect(server);
    const first = await connected.client.refresh(connected.refreshToken);
    watched.asked.length = 0;
    const second = await connected.client.refresh(first.body.refresh_token ?? '');
    return { ...connected, refreshToken: second.body.refresh_token ?? '', accessToken: second.body.access_token ?? '' };
  }

  it('is whom to ask the directory about, once', async () => {
    const { claims } = await refreshTwice();
    expect(watched.asked).toEqual([claims.org_id]);
  });

  it('is asked about again when the connection has moved, and the token is for where it moved to', async () => {
    const { client, refreshToken, claims, person } = await refreshTwice();
    watched.asked.length = 0;
    const page = await person.browser.open(
      `/mcp/oauth/account/connections/${claims.grant_id}/change?organization=globex`,
    );
    await person.browser.submit(page, '/change', { organization: 'globex' });

    const { body } = await client.refresh(refreshToken);

    const told = decodeJwt(body.access_token ?? '');
    expect(told).toMatchObject({ org_slug: 'globex', org_role: 'viewer' });
    expect(watched.asked).toEqual(expect.arrayContaining([claims.org_id, told.org_id]));
  });

  it('ends no connection by an answer that was given too early', async () => {
    const { client, refreshToken, claims } = await refreshTwice();
    watched.asked.length = 0;
    watched.deniesOnce = true;
    expect((await client.refresh(refreshToken)).status).toBe(200);
    expect(watched.asked).toEqual([claims.org_id, claims.org_id]);
  });

  it('is nothing that other requests with such a token make use of', async () => {
    const { client, refreshToken } = await refreshTwice();
    watched.asked.length = 0;
    await client.post('token', { grant_type: 'authorization_code', code: 'guessed', refresh_token: refreshToken });
    expect(watched.asked).toEqual([]);
  });

  it('opens nothing to whoever knows the grant only', async () => {
    const { client, claims } = await refreshTwice();
    expect(await client.refresh(`${claims.grant_id}.guessed`)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
  });

  it('ends no process and costs no token when the directory is away', async () => {
    const { client, refreshToken, claims } = await refreshTwice();
    watched.isAway = true;
    // Nobody waits for what was asked too early.
    expect((await client.refresh(`${claims.grant_id}.guessed`)).status).toBe(400);
    expect((await client.refresh(refreshToken)).status).toBeGreaterThanOrEqual(500);

    watched.isAway = false;
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });
});
