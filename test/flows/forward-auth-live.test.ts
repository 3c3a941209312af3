import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LocalDirectory } from '../../src/directory/index.ts';
import { aboutFiles, ask, calling, connectTo, files, proxiedResource, startProxied } from '../forward-auth/proxied.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { monitorRedis, type RedisMonitor } from '../support/redis-monitor.ts';
import type { TestServer } from '../support/server.ts';
import { type TestStore, type TestStoreKind, testStores } from '../support/test-store.ts';

const told = (error: string) => `error="invalid_token", error_description="${error}"`;

describe.each(Object.keys(testStores) as TestStoreKind[])(
  'what ends is refused with the next request, kept in %s',
  (kind) => {
    let kept: TestStore;
    let server: TestServer;
    let directory: LocalDirectory;
    beforeAll(async () => {
      kept = await testStores[kind]();
      server = await startProxied({ env: kept.env });
      directory = server.server.directory as LocalDirectory;
    });
    afterAll(async () => {
      await server.close();
      await kept.close();
    });

    async function memberConnects(name: string, role = 'owner') {
      const acme = await directory.findOrganizationBySlug('acme');
      const organizationId = String(acme?.id);
      const password = 'a long password';
      const email = `${name}@example.com`;
      const { id } = await directory.createAccount({ email, name, password, memberships: [{ organizationId, role }] });
      const connected = await connectTo(server, files, 'project:read', { email, password });
      await expectWelcome(connected.accessToken);
      return { ...connected, accountId: id, organizationId };
    }

    async function expectWelcome(token: string | undefined) {
      expect((await ask(server, { token: token ?? '', tail: aboutFiles })).status).toBe(200);
    }

    async function expectRevoked(token: string) {
      const { status, headers } = await ask(server, { token, tail: aboutFiles });
      expect(status).toBe(401);
      expect(headers['www-authenticate']).toContain(told('The access token was revoked'));
      expect(headers).not.toHaveProperty('x-account-id');
    }

    type Member = Awaited<ReturnType<typeof memberConnects>>;
    it.each<[string, (member: Member) => Promise<unknown>]>([
      ['connection', ({ client, refreshToken }) => client.post('revoke', { token: refreshToken })],
      ['membership', ({ accountId, organizationId }) => directory.endMembership(accountId, organizationId)],
      ['account', ({ accountId }) => directory.disableAccount(accountId)],
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
      await expectWelcome(body.access_token);
    });

    it('a role: the tool renews its token, and the next one tells the new role', async () => {
      const { client, accessToken, refreshToken, accountId, organizationId } = await memberConnects('role');
      await directory.setMembership(accountId, organizationId, 'viewer');
      await expectRevoked(accessToken);

      const { body } = await client.refresh(refreshToken);
      const { headers } = await ask(server, { token: body.access_token ?? '', tail: aboutFiles });
      expect(headers['x-organization-role']).toBe('viewer');
    });
  },
);

describe('asking the store', () => {
  let redis: RedisServer;
  let server: TestServer;
  let monitor: RedisMonitor;
  beforeAll(async () => {
    redis = await startRedis();
    server = await startProxied({ env: { REDIS_URL: redis.url } });
    monitor = await monitorRedis(redis.url);
  });
  afterAll(async () => {
    monitor.close();
    await server.close();
    await redis.stop();
  });

  const verbsOf = async (formAction: () => Promise<unknown>) =>
    (await monitor.commandsOf(formAction)).map((command) => command.split(' ')[0]);

  it('takes one read for a valid token, whatever it calls', async () => {
    const { accessToken: token } = await connectTo(server, files, 'project:read');
    const reads = ['mget'];
    const headers = calling('create_project');
    expect(await verbsOf(() => ask(server, { token, tail: aboutFiles }))).toEqual(reads);
    expect(await verbsOf(() => ask(server, { token, headers, tail: aboutFiles }))).toEqual(reads);
  });

  it('takes nothing for a request that is refused anyway', async () => {
    const { accessToken: token } = await connectTo(server, files, 'project:read');
    expect(await verbsOf(() => ask(server, { tail: aboutFiles }))).toEqual([]);
    expect(await verbsOf(() => ask(server, { token: 'abc', tail: aboutFiles }))).toEqual([]);
    expect(await verbsOf(() => ask(server, { token, tail: '?resource=https://mail.example/mcp' }))).toEqual([]);
  });

  it('in vain is neither a yes nor a no: 503, and when to come back', async () => {
    await using own = await startRedis();
    await using other = await startProxied({ env: { REDIS_URL: own.url } });
    const { accessToken: token } = await connectTo(other, files, 'project:read');
    await own.kill();

    const { status, headers, body } = await ask(other, { token, tail: aboutFiles });

    expect(status).toBe(503);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect(headers).not.toHaveProperty('www-authenticate');
    expect(headers).not.toHaveProperty('x-account-id');
    expect(JSON.parse(body).error).toBe('temporarily_unavailable');
  });
});

describe('a request that does not name what it does', () => {
  let server: TestServer;
  let token: string;
  const guarded = {
    requiredScopes: ['organization:read'],
    tools: { create_project: ['project:create'] },
    unnamedRequests: ['project:create'],
  };
  beforeAll(async () => {
    server = await startProxied({ resources: [proxiedResource(files, guarded)] });
    token = (await connectTo(server, files, 'organization:read')).accessToken;
  });
  afterAll(() => server.close());

  const legacy = { 'MCP-Protocol-Version': '2025-11-25' };

  it.each([
    ['GET', 'X-Original-Method'],
    ['HEAD', 'X-Forwarded-Method'],
    ['DELETE', 'X-Original-Method'],
  ])('may be a %s, which calls nothing', async (method, header) => {
    expect((await ask(server, { token, headers: { ...legacy, [header]: method } })).status).toBe(200);
  });

  it.each<[string, string, Record<string, string>]>([
    ['of an older revision', 'GET', { ...legacy, 'X-Original-Method': 'POST' }],
    ['told by Traefik', 'GET', { ...legacy, 'X-Forwarded-Method': 'POST' }],
    ['told by the method of the question', 'POST', legacy],
    ['by a method nobody told', 'GET', legacy],
    ['whose client says it was a GET', 'GET', { 'X-Forwarded-Method': 'POST', 'X-Original-Method': 'GET' }],
    ['whose client says so to Envoy', 'POST', { 'X-Forwarded-Method': 'GET' }],
    ['that names a harmless method at an older revision', 'POST', { ...legacy, 'Mcp-Method': 'tools/list' }],
    ['that names a harmless method at no revision', 'POST', { 'Mcp-Method': 'tools/list' }],
  ])('needs what the operator says as a POST %s', async (_name, method, headers) => {
    const answer = await ask(server, { method, token, headers });
    expect(answer.status).toBe(403);
    expect(answer.headers['www-authenticate']).toContain('scope="organization:read project:create"');
  });

  it('passes with those scopes', async () => {
    const { accessToken } = await connectTo(server, files, 'organization:read project:create');
    expect((await ask(server, { method: 'POST', token: accessToken, headers: legacy })).status).toBe(200);
  });

  it('needs what every request needs, and is told all at once', async () => {
    const { accessToken } = await connectTo(server, files, 'project:read');
    const { headers } = await ask(server, { token: accessToken, headers: calling('create_project') });
    expect(headers['www-authenticate']).toContain('scope="project:read organization:read project:create"');
  });

  it('is told to ask for the required scopes, too, when it has no token', async () => {
    const { headers } = await ask(server, { headers: calling('whoami') });
    expect(headers['www-authenticate']).toMatch(/scope="organization:read project:read [^"]*access-token:read"$/);
  });

  it('is told to ask for what it will need, too: older tools ask once', async () => {
    const { headers } = await ask(server, { method: 'POST', headers: legacy });
    expect(headers['www-authenticate']).toMatch(/scope="organization:read [^"]* project:create"$/);
  });
});
