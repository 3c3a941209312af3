import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { createLocalDirectory, type Directory, seedDemonstration } from '../../src/directory/index.ts';
import { createRecordNames, createRequestReads, createVault, openStore } from '../../src/storage/index.ts';
import { connect } from '../support/connect.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

/** A directory that counts what it is asked, and can be away. */
async function createWatchedDirectory() {
  const store = openStore({ kind: 'sqlite', file: ':memory:' }, () => undefined);
  const vault = createVault('a secret that only tests may know');
  const local = createLocalDirectory({
    store,
    names: createRecordNames('', vault),
    reads: createRequestReads(store),
    hash: vault.hash,
  });
  await seedDemonstration(local);
  const watched = { asked: [] as string[], isAway: false, hasNoMember: false };
  const directory: Directory = {
    ...local,
    async findMembership(accountId, organizationId) {
      watched.asked.push(organizationId);
      if (watched.isAway) throw new Error('the directory is away');
      return watched.hasNoMember ? undefined : local.findMembership(accountId, organizationId);
    },
  };
  return { directory, watched, close: () => store.close() };
}

/** What was true at the last refresh may not be true any more; and nobody may have it looked up who proved nothing. */
describe('what a server asks its directory about a connection', () => {
  const made = shared(createWatchedDirectory);
  const server = shared(() => startServer({ parts: { directory: made.directory } }));

  async function refreshTwice(client: Record<string, unknown> = {}) {
    const connected = await connect(server, { client });
    const first = await connected.client.refresh(connected.refreshToken);
    made.watched.asked.length = 0;
    const second = await connected.client.refresh(first.body.refresh_token ?? '');
    return { ...connected, refreshToken: second.body.refresh_token ?? '' };
  }

  it('is its membership, once a refresh', async () => {
    const { claims } = await refreshTwice();
    expect(made.watched.asked).toEqual([claims.org_id]);
  });

  it('is the membership of where it has moved to, and the token is for that', async () => {
    const { client, refreshToken, claims, person } = await refreshTwice();
    const change = `/mcp/oauth/account/connections/${claims.grant_id}/change?organization=globex`;
    const page = await person.browser.open(change);
    await person.browser.submit(page, '/change', { organization: 'globex' });
    made.watched.asked.length = 0;

    const { body } = await client.refresh(refreshToken);

    const told = decodeJwt(body.access_token ?? '');
    expect(told).toMatchObject({ org_slug: 'globex', org_role: 'viewer' });
    expect(made.watched.asked).toEqual([told.org_id]);
  });

  it('is nothing for a client that did not authenticate, whatever it presents', async () => {
    const { client, refreshToken } = await refreshTwice({ token_endpoint_auth_method: 'client_secret_post' });
    made.watched.asked.length = 0;
    const answer = await client.refresh(refreshToken, { client_secret: 'wrong' });
    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(made.watched.asked).toEqual([]);
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });

  it('is nothing for another client, nor for what is no refresh token of ours', async () => {
    const { client, refreshToken, claims } = await refreshTwice();
    const stranger = await registerClient(server.issuer);
    made.watched.asked.length = 0;
    await client.post('token', { grant_type: 'authorization_code', code: 'guessed', refresh_token: refreshToken });
    for (const answer of [await stranger.refresh(refreshToken), await client.refresh(`${claims.grant_id}.guessed`)]) {
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    }
    expect(made.watched.asked).toEqual([]);
  });

  it('ends the connection of whoever left without its telling, and the log says so (R72, R107)', async () => {
    const { client, refreshToken, claims } = await refreshTwice();
    made.watched.hasNoMember = true;
    const refused = await client.refresh(refreshToken);
    made.watched.hasNoMember = false;

    expect([refused.status, refused.body.error]).toEqual([400, 'invalid_grant']);
    expect(server.logLines).toContainEqual(
      expect.objectContaining({ event: 'connection.revoked', reason: 'membership ended', connection: claims.grant_id }),
    );
    const detail = 'the account is no longer a member of the organization';
    expect(server.logLines.at(-1)).toMatchObject({ event: 'grant.error', detail, client: client.clientId });
  });

  it('ends no process and costs no token when the directory is away', async () => {
    const { client, refreshToken } = await refreshTwice();
    made.watched.isAway = true;
    expect((await client.refresh(refreshToken)).status).toBe(503);

    made.watched.isAway = false;
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });
});
