import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { approve } from '../support/approval.ts';
import { createTestClock } from '../support/clock.ts';
import { connectMember } from '../support/member.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { recordsOf, testStores } from '../support/test-store.ts';

const { clock, pass } = createTestClock();
const kept = shared(() => testStores.SQLite());
const server = shared(() => startServer({ env: kept.env, parts: { clock } }));

/** Somebody new, who is a member of Acme and has connected a tool for it. */
async function memberConnects(name: string, role: string, scope = '*:*') {
  const connected = await connectMember(server, name, { role, request: { scope } });
  return { ...connected, renew: (more = {}) => connected.client.refresh(connected.refreshToken, more) };
}

const scopeIn = (body: { access_token?: string }) => decodeJwt(body.access_token ?? '').scope;
const refused = { status: 400, body: { error: 'invalid_grant' } };

async function isKept(grantId: unknown) {
  const records = [...(await recordsOf(kept, 'connection')), ...(await recordsOf(kept, 'refresh-line'))];
  return records.some(({ key }) => key.includes(String(grantId)));
}

describe.each<[string, 'leaves' | 'isDisabled', string]>([
  ['who left the organization', 'leaves', 'membership ended'],
  ['a disabled account', 'isDisabled', 'account disabled'],
])('%s', (_who, ends, reason) => {
  it('gets no further token, and the connection is gone (R72, R83)', async () => {
    const member = await memberConnects(`late-${ends}`, 'owner');
    const { grant_id: connection } = member.claims;
    expect(await isKept(connection)).toBe(true);
    await member[ends]();

    expect(await member.renew()).toMatchObject(refused);
    expect(await isKept(connection)).toBe(false);
    const line = { event: 'connection.revoked', reason, connection };
    expect(server.logLines).toContainEqual(expect.objectContaining(line));
  });

  it('cannot exchange a code that was approved before', async () => {
    const member = await memberConnects(`early-${ends}`, 'owner');
    const { redeem } = await approve(member.client, member.person);
    await member[ends]();

    expect(await redeem()).toMatchObject(refused);
  });
});

it('who left the organization gets none after coming back either: it takes a new approval', async () => {
  const { leaves, becomes, renew } = await memberConnects('came-back', 'owner');
  await leaves();
  await renew();
  await becomes('owner');

  expect(await renew()).toMatchObject(refused);
});

describe('who has another role now', () => {
  it('gets fewer scopes with a smaller one, and the token says which role', async () => {
    const scope = 'project:read project:create project:delete';
    const { answer, becomes, renew } = await memberConnects('demoted', 'owner', scope);
    expect(answer.body.scope).toBe(scope);
    await becomes('viewer');

    const { body } = await renew();

    expect(body.scope).toBe('project:read');
    expect(decodeJwt(body.access_token ?? '')).toMatchObject({ scope: 'project:read', org_role: 'viewer' });
  });

  it('gets back what was approved when the role grows again', async () => {
    const { client, becomes, renew } = await memberConnects('restored', 'owner', 'project:read project:create');
    await becomes('viewer');
    const small = await renew();
    await becomes('owner');

    const { body } = await client.refresh(small.body.refresh_token ?? '');

    expect([small.body.scope, body.scope]).toEqual(['project:read', 'project:read project:create']);
  });

  it('never gets more than was approved', async () => {
    const { answer, becomes, renew } = await memberConnects('promoted', 'viewer');
    await becomes('owner');

    const { body } = await renew();

    expect(body.scope).toBe(answer.body.scope);
    expect(body.scope).not.toContain('create');
  });

  it('never gets more by asking for it (RFC 6749 §6)', async () => {
    const { becomes, renew } = await memberConnects('asking', 'viewer');
    await becomes('owner');

    const { body } = await renew({ scope: 'project:read project:delete' });

    expect(body.access_token ? scopeIn(body) : '').not.toContain('project:delete');
  });

  it('as viewer, of which nothing was approved, gets a token that allows nothing (R81)', async () => {
    const { becomes, renew } = await memberConnects('nothing', 'owner', 'project:create');
    await becomes('viewer');

    const { body } = await renew();

    expect([body.scope, scopeIn(body)]).toEqual(['', '']);
  });
});

describe('a role that the configuration does not have (R119)', () => {
  const nobodys = 'a-role-nobody-configured';

  it('brings no token, costs the connection nothing, and warns the operator', async () => {
    const { becomes, renew } = await memberConnects('renamed', 'owner', 'project:create');
    await becomes(nobodys);

    const answer = await renew();

    expect(answer).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    const warning = { event: 'role.unknown', level: 40, role: nobodys };
    expect(server.logLines).toContainEqual(expect.objectContaining(warning));
    await becomes('owner');
    expect((await renew()).body.scope).toBe('project:create');
  });

  it('does not spend a code either', async () => {
    const { client, person, becomes } = await memberConnects('renamed-early', 'owner');
    const { redeem } = await approve(client, person);
    await becomes('constructor');

    expect((await redeem()).status).toBe(503);
    await becomes('owner');
    expect((await redeem()).status).toBe(200);
  });

  it('shows a page that says whose mistake it is, instead of one with nothing to tick', async () => {
    const { client, person, becomes } = await memberConnects('renamed-late', 'owner');
    await becomes(nobodys);

    const { status, html } = await person.browser.open(client.authorizationRequest().url.href);

    expect(status).toBe(503);
    expect(html).toContain('Your role is not set up here');
    expect(html).toContain('neither your mistake nor your tool');
    expect(html).not.toContain('/consent"');
  });

  it('ends its tokens at a gateway that asks', async () => {
    const { accessToken, becomes } = await memberConnects('renamed-token', 'owner', 'openid project:read');
    const headers = { Authorization: `Bearer ${accessToken}` };
    const userinfo = async () => (await fetch(`${server.issuer}/oauth/userinfo`, { headers })).status;
    expect(await userinfo()).toBe(200);
    await becomes(nobodys);

    expect(await userinfo()).toBe(401);
  });
});

it('a disabled account is asked to sign in again, although the browser still has its session', async () => {
  const { client, person, isDisabled } = await memberConnects('session', 'owner');
  await isDisabled();

  expect((await person.browser.open(client.authorizationRequest().url.href)).html).toContain('/sign-in"');
});

it('a connection remembers when it was used, to the minute', async () => {
  const { renew, claims } = await memberConnects('used', 'owner');
  pass(90);
  await renew();

  const record = (await recordsOf(kept, 'connection')).find(({ key }) => key.includes(String(claims.grant_id)));
  const { createdAt, lastUsedAt } = JSON.parse(record?.value ?? '{}');
  expect(lastUsedAt - createdAt).toBe(90);
});
