import { beforeEach, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { days, minutes } from '../support/clock.ts';
import { type Connected, connectClient } from '../support/connect.ts';
import { shared } from '../support/shared.ts';
import { type AccountBrowser, account, hrefOf, startAccountFixtures } from './account-fixtures.ts';

const readsOnly = 'organization:read project:read environment:read table:read table:data:read access-token:read';

const home = shared(() => startAccountFixtures());
let owner: AccountBrowser;
let connection: Connected;
beforeEach(async () => {
  owner = await home.signedIn('owner');
  connection = await home.connects('owner');
});

/** Moves on a minute, so that what follows is a use of its own, and renews. */
async function renew({ client }: Connected, refreshToken: string, parameters = {}) {
  home.pass(61);
  const { status, body } = await client.refresh(refreshToken, parameters);
  const claims = body.access_token ? decodeJwt<Record<string, string>>(body.access_token) : undefined;
  return { status, body, claims };
}
const renewed = (parameters?: object) => renew(connection, connection.refreshToken, parameters);
const kept = () => home.kept(connection);
/** What the feed says of a connection. */
async function toldOf({ claims }: Connected) {
  const batches = home.server.server.revocation.feed.follow(undefined, new AbortController().signal);
  const { value } = await batches.next();
  await batches.return();
  return (value?.entries ?? []).map(({ entry }) => JSON.parse(entry)).filter(({ id }) => id === claims.grant_id);
}
const change = (fields: Record<string, string | string[]>) =>
  owner.submits(`${hrefOf(connection, 'change')}?organization=${fields.organization}`, fields);
const narrow = (...scope: string[]) => change({ organization: 'acme', scope });
const isListedFor = async (who: AccountBrowser, slug: string) =>
  (await who.opens(`${account}/organizations/${slug}`)).html.includes(String(connection.claims.grant_id));

describe('a live connection that is moved to another organization', () => {
  it('works for it from its next renewal on, without a browser, as far as the role there allows', async () => {
    expect(connection.claims).toMatchObject({ org_slug: 'acme', org_role: 'owner' });
    await change({ organization: 'globex' });

    expect(await renewed()).toMatchObject({
      status: 200,
      body: { scope: readsOnly },
      claims: { org_slug: 'globex', org_role: 'viewer', grant_id: connection.claims.grant_id, scope: readsOnly },
    });
  });

  it('does not get back what the role there did not allow when it returns', async () => {
    await change({ organization: 'globex' });
    home.pass(7);
    await change({ organization: 'acme' });
    expect((await renewed()).claims).toMatchObject({ org_slug: 'acme', org_role: 'owner', scope: readsOnly });
  });

  it('is found with the new one, and no longer with the old one', async () => {
    const otto = await home.signedIn('admin of another');
    expect(await isListedFor(otto, 'globex')).toBe(false);
    await change({ organization: 'globex' });
    expect([await isListedFor(otto, 'globex'), await isListedFor(owner, 'acme')]).toEqual([true, false]);
  });

  it('goes nowhere where its person is no member', async () => {
    const grace = await home.signedIn('member');
    const own = await home.connects('member');
    const rest = await grace.submits(hrefOf(own, 'change'), { organization: 'globex' });
    expect(rest.url.pathname).toBe(hrefOf(own, 'change'));
    expect((await home.kept(own))?.organizationId).toBe(own.claims.org_id);
  });
});

describe('a live connection whose permissions are narrowed', () => {
  it('has the rest from its next renewal on, whatever the tool asks for', async () => {
    await narrow('project:read', 'project:create');
    expect((await renewed({ scope: '*:*' })).body.scope).toBe('project:read project:create');
  });

  it('is what its record says, also where its grant says more', async () => {
    await home.changesOnlyTheRecord(connection, { scopes: ['project:read'] });
    expect((await renewed()).claims?.scope).toBe('project:read');
  });

  it('is never widened, by whatever form', async () => {
    await narrow('project:read');
    const wider = { organization: 'acme', scope: ['project:read', 'project:delete'] };
    await owner.forces(hrefOf(connection, 'change'), wider);
    expect((await kept())?.scopes).toEqual(['project:read']);
    expect((await renewed()).claims?.scope).toBe('project:read');
  });

  it.each([
    ['nothing', []],
    ['only what it never had', ['project:fly']],
  ])('keeps something: leaving %s is no change', async (_name, scope) => {
    const said = 'Leave at least one permission ticked, or disconnect the tool.';
    expect(await narrow(...scope)).toMatchObject({ status: 422, html: expect.stringContaining(said) });
    expect((await kept())?.scopes).toHaveLength(17);
  });

  it('says so in the feed of the gateways: tokens of before do not count', async () => {
    await narrow('project:read');
    expect(await toldOf(connection)).toMatchObject([{ kind: 'change', scopes: ['project:read'] }]);
  });
});

it('a connection that is changed without end is changed 20 times an hour; then its person is told when to come back, and the gateways nothing', async () => {
  const save = (...scope: string[]) => owner.submits(hrefOf(connection, 'change'), { organization: 'acme', scope });
  for (let time = 0; time < 20; time += 1) expect((await save('project:read', 'table:read')).status).toBe(200);
  home.pass(minutes(10));

  const refused = await save('project:read');
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '3000']);
  expect(refused.html).toContain('changed very often. Nothing was saved; try again in 50 minutes.');
  expect((await kept())?.scopes).toEqual(['project:read', 'table:read']);
  expect(await toldOf(connection)).toHaveLength(20);
});

describe('a connection that was changed', () => {
  it('lives as long as before: 30 days from its last renewal', async () => {
    await narrow('project:read');
    home.pass(days(29));
    const first = await connection.client.refresh(connection.refreshToken);
    expect(first.status).toBe(200);
    home.pass(days(29));
    expect((await connection.client.refresh(first.body.refresh_token ?? '')).status).toBe(200);
  });

  it('does not lose its new name to a renewal at the same time, nor its last use (50 rounds)', async () => {
    let { refreshToken } = connection;
    for (let round = 0; round < 50; round += 1) {
      home.pass(61);
      const now = home.clock.seconds();
      const label = `Name ${round}`;
      // A fresh sign-in each quarter of an hour, as people give it.
      if (round % 10 === 0) await owner.signsIn();
      const renaming = owner.submits(hrefOf(connection, 'rename'), { label });
      const [answer] = await Promise.all([connection.client.refresh(refreshToken), renaming]);
      refreshToken = answer.body.refresh_token ?? '';
      expect(await kept()).toMatchObject({ label, lastUsedAt: now });
    }
  });
});

describe('disconnecting', () => {
  it('one of two installations of a client leaves the other', async () => {
    const other = await home.connects('owner');
    await owner.submits(hrefOf(connection, 'disconnect'));

    expect(await renewed()).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await renew(other, other.refreshToken)).status).toBe(200);
  });

  it('one of two connections of one registered client leaves the other', async () => {
    const { client, person } = connection;
    const other = await connectClient(client, person, { organization: 'globex' });
    await owner.submits(hrefOf(connection, 'disconnect'));

    expect((await renewed()).status).toBe(400);
    expect((await renew(other, other.refreshToken)).status).toBe(200);
  });

  it('all of a client ends every installation of mine, of no other client, and of nobody else', async () => {
    const connects = (who: 'owner' | 'member', slug: string) =>
      home.connects(who, slug, { client_name: 'Claude Code' });
    const all = [await connects('owner', 'acme'), await connects('owner', 'globex'), await connects('member', 'acme')];
    await owner.submits(`${account}/clients/disconnect?client=name%3AClaude%20Code`);

    const statusOf = async (each: Connected) => (await each.client.refresh(each.refreshToken)).status;
    expect(await Promise.all([...all, connection].map(statusOf))).toEqual([400, 400, 200, 200]);
  });

  it('by an administrator ends it for the member, who reads nothing of them', async () => {
    const { claims, client, refreshToken } = await home.connects('member');
    await owner.submits(`${account}/organizations/acme/connections/${claims.grant_id}/disconnect`);
    expect((await client.refresh(refreshToken)).body.error).toBe('invalid_grant');
    const said = home.server.logLines.filter(({ event }) => event === 'connection.revoked').at(-1);
    expect(said).toMatchObject({ connection: claims.grant_id, reason: 'revoked by an administrator' });
  });
});

describe('a name', () => {
  it.each([
    ['is trimmed to one line', '  On\n my   workstation ', 'On my workstation'],
    ['has at most 80 characters', '👩‍💻'.repeat(100), Array.from('👩‍💻'.repeat(100)).slice(0, 80).join('')],
    ['is shown as it is', '<b>&"mine"', '<b>&"mine"'],
  ])('%s', async (_rule, label, expected) => {
    await owner.submits(hrefOf(connection, 'rename'), { label });
    expect((await kept())?.label).toBe(expected);
    expect((await owner.opens(account)).html).not.toContain('<b>');
  });

  it.each(['', '   ', '\u200B\u200B'])('of nothing visible is refused: %j', async (label) => {
    const before = await kept();
    expect((await owner.submits(hrefOf(connection, 'rename'), { label })).status).toBe(422);
    expect(await kept()).toEqual(before);
  });
});
