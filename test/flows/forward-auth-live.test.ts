import { describe, expect, it } from '@jest/globals';
import type { JWTPayload } from 'jose';
import type { ConnectionChange } from '../../src/connections/index.ts';
import type { LocalDirectory } from '../../src/directory/index.ts';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { connectionsOver } from '../connections/a-connection.ts';
import { askingAbout, calling, files, proxiedResource, refused, startProxied } from '../forward-auth/proxied.ts';
import { startRedis } from '../support/redis.ts';
import { monitorRedis } from '../support/redis-monitor.ts';
import { shared } from '../support/shared.ts';
import { type TestStoreKind, testStores } from '../support/test-store.ts';

const passes = { status: 200 };

const kinds = Object.keys(testStores) as TestStoreKind[];

describe.each(kinds)('what ends is refused with the next request, kept in %s', (kind) => {
  const kept = shared(() => testStores[kind]());
  const server = shared(() => startProxied({ env: kept.env }));
  const directory = () => server.server.directory as LocalDirectory;
  const { expectTold, connects } = askingAbout(server, files);

  async function memberConnects(name: string, role = 'owner') {
    const acme = await directory().findOrganizationBySlug('acme');
    const who = { email: `${name}@example.com`, password: 'a long password' };
    const memberships = [{ organizationId: String(acme?.id), role }];
    const { id } = await directory().createAccount({ ...who, name, memberships });
    const connected = await connects('project:read', who);
    await expectTold({ token: connected.accessToken }, passes);
    return { ...connected, membership: [id, String(acme?.id)] as const };
  }
  const expectRevoked = (token: string) =>
    expectTold({ token }, refused(401, 'error="invalid_token", error_description="The access token was revoked"'));

  type Member = Awaited<ReturnType<typeof memberConnects>>;
  it.each<[string, (member: Member) => Promise<unknown>]>([
    ['connection', ({ client, refreshToken }) => client.post('revoke', { token: refreshToken })],
    ['membership', ({ membership }) => directory().endMembership(...membership)],
    ['account', ({ membership: [accountId] }) => directory().disableAccount(accountId)],
  ])('a whole %s', async (name, end) => {
    const member = await memberConnects(name);
    await end(member);
    await expectRevoked(member.accessToken);
  });

  it('one token, and no other one of its connection (RFC 7009 §2.1)', async () => {
    const { client, accessToken, refreshToken } = await memberConnects('token');
    const { body } = await client.refresh(refreshToken);
    await client.post('revoke', { token: accessToken });
    await expectRevoked(accessToken);
    await expectTold({ token: String(body.access_token) }, passes);
  });

  it('a role: the tool renews its token, and the next one tells the new role', async () => {
    const { client, accessToken, refreshToken, membership } = await memberConnects('role');
    await directory().setMembership(...membership, 'viewer');
    await expectRevoked(accessToken);

    const token = String((await client.refresh(refreshToken)).body.access_token);
    await expectTold({ token }, { status: 200, headers: { 'x-organization-role': 'viewer' } });
  });
});

describe('asking the store', () => {
  const redis = shared(startRedis);
  const server = shared(() => startProxied({ env: { REDIS_URL: redis.url } }));
  const monitor = shared(() => monitorRedis(redis.url));
  const { expectTold, tokenFor } = askingAbout(server, files);
  const token = shared(() => tokenFor('project:read'));

  async function expectCommands(verbs: string[], asked: object, status: number) {
    const commands = await monitor.commandsOf(() => expectTold({ ...token, ...asked }, { status }));
    expect(commands.map((command) => command.split(' ')[0])).toEqual(verbs);
  }

  it('takes one read for a valid token, whatever it calls', async () => {
    await expectCommands(['mget'], {}, 200);
    await expectCommands(['mget'], { headers: calling('create_project') }, 403);
  });

  it('takes nothing for a request that is refused anyway', async () => {
    await expectCommands([], { token: undefined }, 401);
    await expectCommands([], { token: 'abc' }, 401);
    await expectCommands([], { tail: '?resource=https://mail.example/mcp' }, 401);
  });

  it('in vain is neither a yes nor a no: 503, and when to come back', async () => {
    await using own = await startRedis();
    await using other = await startProxied({ env: { REDIS_URL: own.url } });
    const { expectTold, tokenFor } = askingAbout(other, files);
    const mine = await tokenFor('project:read');
    await own.kill();

    const body = expect.stringContaining('"error":"temporarily_unavailable"');
    const headers = { 'retry-after': expect.stringMatching(/^[1-9]\d*$/) };
    await expectTold(mine, { status: 503, headers, body });
  });
});

describe('a request that does not name what it does', () => {
  const guarded = {
    requiredScopes: ['organization:read'],
    tools: { create_project: ['project:create'] },
    unnamedRequests: ['project:create'],
  };
  const server = shared(() => startProxied({ resources: [proxiedResource(files, guarded)] }));
  const { expectTold, tokenFor } = askingAbout(server, files);
  const token = shared(() => tokenFor('organization:read'));

  const legacy = { 'MCP-Protocol-Version': '2025-11-25' };

  it.each([
    ['GET', 'X-Original-Method'],
    ['HEAD', 'X-Forwarded-Method'],
    ['DELETE', 'X-Original-Method'],
  ])('may be a %s, which calls nothing', (method, header) =>
    expectTold({ ...token, headers: { ...legacy, [header]: method } }, passes),
  );

  it.each<[string, string, Record<string, string>]>([
    ['of an older revision', 'GET', { ...legacy, 'X-Original-Method': 'POST' }],
    ['told by Traefik', 'GET', { ...legacy, 'X-Forwarded-Method': 'POST' }],
    ['told by the method of the question', 'POST', legacy],
    ['by a method nobody told', 'GET', legacy],
    ['whose client says it was a GET', 'GET', { 'X-Forwarded-Method': 'POST', 'X-Original-Method': 'GET' }],
    ['whose client says so to Envoy', 'POST', { 'X-Forwarded-Method': 'GET' }],
    ['that names a harmless method at an older revision', 'POST', { ...legacy, 'Mcp-Method': 'tools/list' }],
    ['that names a harmless method at no revision', 'POST', { 'Mcp-Method': 'tools/list' }],
  ])('needs what the operator says as a POST %s', (_name, method, headers) =>
    expectTold({ ...token, method, headers }, refused(403, 'scope="organization:read project:create"')),
  );

  it('passes with those scopes', async () =>
    expectTold({ ...(await tokenFor('organization:read project:create')), method: 'POST', headers: legacy }, passes));

  it('needs what every request needs, and is told all at once', async () =>
    expectTold(
      { ...(await tokenFor('project:read')), headers: calling('create_project') },
      refused(403, 'scope="project:read organization:read project:create"'),
    ));

  it('is told to ask for the required scopes, too, when it has no token', () =>
    expectTold(
      { headers: calling('whoami') },
      refused(401, /scope="organization:read project:read [^"]*access-token:read"$/),
    ));

  it('is told to ask for what it will need, too: older tools ask once', () =>
    expectTold({ method: 'POST', headers: legacy }, refused(401, /scope="organization:read [^"]* project:create"$/)));
});

const granted = ['organization:read', 'project:read'];

const kept = shared(() => testStores.SQLite());
const server = shared(() => startProxied({ env: kept.env }));
const store = shared(() => createSqliteStore(String(kept.env.DATABASE)));
const { expectTold, connects } = askingAbout(server, files);

/** Another node changes the connection; this one learns of it only through the store. */
async function change({ grant_id, org_id }: JWTPayload, to: Partial<ConnectionChange>) {
  const { connections } = connectionsOver(store, { onChanged: () => undefined });
  const unchanged = { organizationId: String(org_id), scopes: granted };
  expect(await connections.change(String(grant_id), { ...unchanged, ...to })).toBeDefined();
}

describe('a token that says what is no longer true', () => {
  const isRefused = refused(401, 'error="invalid_token"');
  const sentence = (what: string) => `of ${what} is refused, so that its tool renews it`;
  it.each<[string, Partial<ConnectionChange>, object]>([
    [sentence('another organization'), { organizationId: 'org_elsewhere' }, isRefused],
    [sentence('a permission that was taken away'), { scopes: ['organization:read'] }, isRefused],
    ['is welcome while it says no more than is true', {}, passes],
  ])('%s', async (_name, to, told) => {
    const { accessToken: token, claims } = await connects(granted.join(' '));
    await expectTold({ token }, passes);

    await change(claims, to);
    await expectTold({ token }, told);
  });
});
