import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { LocalDirectory } from '../../src/directory/index.ts';
import { createTestClock } from '../support/clock.ts';
import { type Connected, connect } from '../support/connect.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { recordsOf, testStores } from '../support/test-store.ts';

const { clock, pass } = createTestClock();
const kept = shared(() => testStores.SQLite());
const server = shared(() => startServer({ env: kept.env, parts: { clock } }));
const directory = shared(() => server.server.directory as LocalDirectory);

const email = (name: string) => `${name}@example.com`;

const acmeId = async () => String((await directory.findOrganizationBySlug('acme'))?.id);

/** Somebody new, who is a member of Acme and has connected a tool for it. */
async function memberConnects(name: string, role: string, scope = '*:*'): Promise<Connected & { accountId: string }> {
  const memberships = [{ organizationId: await acmeId(), role }];
  const { id } = await directory.createAccount({ email: email(name), name, password: 'a long password', memberships });
  const actions = { email: email(name), password: 'a long password' };
  return { ...(await connect(server, { actions, request: { scope } })), accountId: id };
}

const becomes = async (accountId: string, role: string) => directory.setMembership(accountId, await acmeId(), role);
const leaves = async (accountId: string) => directory.endMembership(accountId, await acmeId());
const isDisabled = (accountId: string) => directory.disableAccount(accountId);
const refused = { status: 400, body: { error: 'invalid_grant' } };

async function isKept(grantId: unknown) {
  const records = [...(await recordsOf(kept, 'connection')), ...(await recordsOf(kept, 'refresh-line'))];
  return records.some(({ key }) => key.includes(String(grantId)));
}

describe.each([
  ['who left the organization', leaves, 'membership ended'],
  ['a disabled account', isDisabled, 'account disabled'],
])('%s', (_who, ends, reason) => {
  it('gets no further token, and the connection is gone (R72, R83)', async () => {
    const { client, refreshToken, claims, accountId } = await memberConnects(`late-${ends.name}`, 'owner');
    expect(await isKept(claims.grant_id)).toBe(true);
    await ends(accountId);

    expect(await client.refresh(refreshToken)).toMatchObject(refused);
    expect(await isKept(claims.grant_id)).toBe(false);
    expect(server.logLines).toContainEqual(
      expect.objectContaining({ event: 'connection.revoked', reason, connection: claims.grant_id }),
    );
  });

  it('cannot exchange a code that was approved before', async () => {
    const { client, person, accountId } = await memberConnects(`early-${ends.name}`, 'owner');
    const { url, verifier } = client.authorizationRequest();
    const callback = await person.approves(url);
    await ends(accountId);

    expect(await client.exchange(callback, verifier)).toMatchObject(refused);
  });
});

describe('who left the organization', () => {
  it('gets none after coming back either: it takes a new approval', async () => {
    const { client, refreshToken, accountId } = await memberConnects('came-back', 'owner');
    await leaves(accountId);
    await client.refresh(refreshToken);
    await becomes(accountId, 'owner');

    expect(await client.refresh(refreshToken)).toMatchObject(refused);
  });
});

describe('who has another role now', () => {
  it('gets fewer scopes with a smaller one, and the token says which role', async () => {
    const connected = await memberConnects('demoted', 'owner', 'project:read project:create project:delete');
    expect(connected.answer.body.scope).toBe('project:read project:create project:delete');
    await becomes(connected.accountId, 'viewer');

    const { body } = await connected.client.refresh(connected.refreshToken);

    expect(body.scope).toBe('project:read');
    expect(decodeJwt(body.access_token ?? '')).toMatchObject({ scope: 'project:read', org_role: 'viewer' });
  });

  it('gets back what was approved when the role grows again', async () => {
    const connected = await memberConnects('restored', 'owner', 'project:read project:create');
    await becomes(connected.accountId, 'viewer');
    const small = await connected.client.refresh(connected.refreshToken);
    await becomes(connected.accountId, 'owner');

    const { body } = await connected.client.refresh(small.body.refresh_token ?? '');

    expect([small.body.scope, body.scope]).toEqual(['project:read', 'project:read project:create']);
  });

  it('never gets more than was approved (decision 9)', async () => {
    const { client, refreshToken, answer, accountId } = await memberConnects('promoted', 'viewer');
    await becomes(accountId, 'owner');

    const { body } = await client.refresh(refreshToken);

    expect(body.scope).toBe(answer.body.scope);
    expect(body.scope).not.toContain('create');
  });

  it('never gets more by asking for it (RFC 6749 §6)', async () => {
    const { client, refreshToken, accountId } = await memberConnects('asking', 'viewer');
    await becomes(accountId, 'owner');

    const { body } = await client.refresh(refreshToken, { scope: 'project:read project:delete' });

    const granted = body.access_token ? decodeJwt(body.access_token).scope : '';
    expect(granted).not.toContain('project:delete');
  });

  it('as viewer, of which nothing was approved, gets a token that allows nothing (R81)', async () => {
    const { client, refreshToken, accountId } = await memberConnects('nothing', 'owner', 'project:create');
    await becomes(accountId, 'viewer');

    const { body } = await client.refresh(refreshToken);

    expect(body.scope).toBe('');
    expect(decodeJwt(body.access_token ?? '').scope).toBe('');
  });
});

describe('a role that the configuration does not have (R119)', () => {
  const warnings = () => server.logLines.filter(({ event, level }) => event === 'role.unknown' && level === 40);

  it('brings no token, costs the connection nothing, and warns the operator', async () => {
    const { client, refreshToken, accountId } = await memberConnects('renamed', 'owner', 'project:create');
    await becomes(accountId, 'a-role-nobody-configured');

    const refused = await client.refresh(refreshToken);

    expect([refused.status, refused.body.error]).toEqual([503, 'temporarily_unavailable']);
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(warnings()).toContainEqual(expect.objectContaining({ role: 'a-role-nobody-configured' }));
    await becomes(accountId, 'owner');
    expect((await client.refresh(refreshToken)).body.scope).toBe('project:create');
  });

  it('does not spend a code either', async () => {
    const { client, person, accountId } = await memberConnects('renamed-early', 'owner');
    const { url, verifier } = client.authorizationRequest();
    const callback = await person.approves(url);
    await becomes(accountId, 'constructor');

    expect((await client.exchange(callback, verifier)).status).toBe(503);
    await becomes(accountId, 'owner');
    expect((await client.exchange(callback, verifier)).status).toBe(200);
  });

  it('shows a page that says whose mistake it is, instead of one with nothing to tick', async () => {
    const { client, person, accountId } = await memberConnects('renamed-late', 'owner');
    await becomes(accountId, 'a-role-nobody-configured');

    const page = await person.browser.open(client.authorizationRequest().url.href);

    expect(page.status).toBe(503);
    expect(page.html).toContain('Your role is not set up here');
    expect(page.html).toContain('neither your mistake nor your tool');
    expect(page.html).not.toContain('/consent"');
  });

  it('ends its tokens at a gateway that asks', async () => {
    const { accessToken, accountId } = await memberConnects('renamed-token', 'owner', 'openid project:read');
    const userinfo = () =>
      fetch(`${server.issuer}/oauth/userinfo`, { headers: { Authorization: `Bearer ${accessToken}` } });
    expect((await userinfo()).status).toBe(200);
    await becomes(accountId, 'a-role-nobody-configured');

    expect((await userinfo()).status).toBe(401);
  });
});

describe('a disabled account', () => {
  it('is asked to sign in again, although the browser still has its session', async () => {
    const { client, person, accountId } = await memberConnects('session', 'owner');
    await directory.disableAccount(accountId);

    const { html } = await person.browser.open(client.authorizationRequest().url.href);

    expect(html).toContain('/sign-in"');
  });
});

describe('a connection', () => {
  it('remembers when it was used, to the minute', async () => {
    const { client, refreshToken, claims } = await memberConnects('used', 'owner');
    pass(90);
    await client.refresh(refreshToken);

    const record = (await recordsOf(kept, 'connection')).find(({ key }) => key.includes(String(claims.grant_id)));

    const { createdAt, lastUsedAt } = JSON.parse(record?.value ?? '{}');
    expect(lastUsedAt - createdAt).toBe(90);
  });
});
