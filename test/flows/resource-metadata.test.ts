import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aboutFiles, ask, files, proxiedResource, startProxied } from '../forward-auth/proxied.ts';
import { startServer, type TestServer } from '../support/server.ts';

const wellKnown = '/.well-known/oauth-protected-resource';

async function look(origin: string, path: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${origin}${path}`, { headers });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe.each([true, false])('with the demonstration: %s, a server publishes (R106)', (demonstration) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ demonstration, env: { DEMO: demonstration ? '1' : '0' } });
  });
  afterAll(() => server.close());

  it.each(['', '/', '/mcp'])('the metadata of the issuer’s own resource at %j', async (tail) => {
    const { status, body } = await look(server.origin, `${wellKnown}${tail}`);

    expect(status).toBe(200);
    expect(body).toMatchObject({
      resource: server.issuer,
      authorization_servers: [server.issuer],
      resource_name: 'bkend',
    });
    const scopes = body.scopes_supported as string[];
    expect(scopes).toContain('project:read');
    expect(scopes.filter((scope) => scope.endsWith(':delete'))).toEqual([]);
  });

  it.each(['/mcp/', '/mcp?read_only=true', '/mcp/?tools=a,b'])(
    'them under the URL that was asked: %s (R93, RFC 9728 §3.3)',
    async (tail) => {
      const { body } = await look(server.origin, `${wellKnown}${tail}`);

      expect(body.resource).toBe(`${server.origin}${tail}`);
    },
  );

  it('them on the loopback host that was asked (R102)', async () => {
    const origin = server.origin.replace('localhost', '127.0.0.1');

    expect((await look(origin, `${wellKnown}/mcp?a=b`)).body.resource).toBe(`${origin}/mcp?a=b`);
    expect((await look(origin, wellKnown)).body.resource).toBe(`${origin}/mcp`);
  });

  it.each(['/MCP', '/mcp/more', '/other', '/mcp//', 's'])('none at %s', async (tail) =>
    expect((await look(server.origin, `${wellKnown}${tail}`, { accept: 'application/json' })).status).toBe(404),
  );

  it('to scripts of any origin, and refuses to change them', async () => {
    const response = await fetch(`${server.origin}${wellKnown}/mcp`);
    const posted = await fetch(`${server.origin}${wellKnown}/mcp`, { method: 'POST' });

    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('cache-control')).toBe('public, max-age=300');
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET']);
  });
});

describe('the scopes in the metadata of a resource', () => {
  it.each([
    ['metadataScopes', { metadataScopes: ['project:read'] }, ['project:read']],
    ['defaultScopes', { defaultScopes: ['organization:*'] }, ['organization:read']],
  ])('are the same with the demonstration and for proxies: %s', async (_name, changes, expected) => {
    const [own] = JSON.parse(readFileSync('config/auth.json', 'utf8')).resources;
    await using server = await startServer({
      demonstration: true,
      env: { DEMO: '1' },
      policy: { resources: [{ ...own, ...changes }] },
    });
    const places = [wellKnown, `${wellKnown}/mcp`, '/mcp/oauth/protected-resource'];
    const found = await Promise.all(places.map(async (place) => (await look(server.origin, place)).body));

    for (const { scopes_supported: scopes } of found) expect(scopes).toEqual(expect.arrayContaining(expected));
    for (const { scopes_supported: scopes } of found) expect(scopes).toEqual(found[0]?.scopes_supported);
    expect(found[0]?.scopes_supported).not.toContain('project:delete');
  });
});

describe('a server of several resources', () => {
  const here = 'https://auth.example';

  it.each([
    ['the issuer’s own', [`${here}/mail`, files, `${here}/mcp`], `${here}/mcp`],
    ['the origin’s own', [`${here}/mail`, `${here}/mcp`, here], here],
    ['the first', [files, `${here}/mail`, `${here}/files`], `${here}/mail`],
  ])('publishes those that are on its origin, and at the root %s (R106)', async (_name, uris, ofRoot) => {
    await using server = await startProxied({
      resources: uris.map((uri) => proxiedResource(uri)),
      issuer: `${here}/mcp`,
    });
    const at = async (path: string) => (await look(server.origin, `${wellKnown}${path}`)).body;

    for (const uri of uris.filter((each) => each.startsWith(`${here}/`))) {
      expect(await at(uri.slice(here.length))).toMatchObject({ resource: uri, resource_name: uri });
    }
    for (const root of ['', '/']) expect(await at(root)).toMatchObject({ resource: ofRoot, resource_name: ofRoot });
  });

  it('publishes none of which it issues no tokens, whatever the demonstration is', async () => {
    await using server = await startProxied({ demonstration: true });

    for (const tail of ['', '/mcp']) expect((await look(server.origin, `${wellKnown}${tail}`)).status).toBe(404);
    expect((await fetch(server.issuer, { method: 'POST' })).status).toBe(404);
  });

  it('publishes one where it was, in the words of who asks there', async () => {
    const resources = [proxiedResource(files, { formerly: [`${here}/old`] })];
    await using server = await startProxied({ resources, issuer: `${here}/mcp` });
    const headers = { host: 'auth.example' };

    expect((await look(server.origin, `${wellKnown}/old`, headers)).body.authorization_servers).toEqual([
      `${here}/mcp`,
    ]);
  });

  it('names the scopes that the configuration says, and those that every request needs', async () => {
    const resources = [proxiedResource(files, { metadataScopes: ['table:*'], requiredScopes: ['project:read'] })];
    await using server = await startProxied({ resources });

    const { body } = await look(server.issuer, '/oauth/protected-resource');

    expect(body.scopes_supported).toEqual([
      'project:read',
      'table:read',
      'table:create',
      'table:update',
      'table:delete',
    ]);
  });
});

describe('a proxy that tells what its client asked for (R93)', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startProxied();
  });
  afterAll(() => server.close());

  const told = (uri: string) => ({
    'X-Forwarded-Proto': 'https',
    'X-Forwarded-Host': 'files.example',
    'X-Forwarded-Uri': uri,
  });
  const metadataUrlOf = (headers: Record<string, unknown>) =>
    /resource_metadata="([^"]*)"/.exec(String(headers['www-authenticate']))?.[1];

  it.each(['/mcp?read_only=true', '/mcp/', '/mcp/?a=b', '/mcp'])('gets a challenge that repeats %s', async (uri) => {
    const { status, headers } = await ask(server, { tail: aboutFiles, headers: told(uri) });

    expect([status, metadataUrlOf(headers)]).toEqual([401, `https://files.example${wellKnown}${uri}`]);
  });

  it('gets it also where it tells the path alone, as nginx', async () => {
    const { headers } = await ask(server, { tail: aboutFiles, headers: { 'X-Original-URI': '/mcp?a=b' } });

    expect(metadataUrlOf(headers)).toBe(`https://files.example${wellKnown}/mcp?a=b`);
  });

  it.each([
    ['another path', told('/other?a=b')],
    ['an address of metadata', told(`${wellKnown}/mcp`)],
    ['another host', { ...told('/mcp'), 'X-Forwarded-Host': 'evil.example' }],
    ['a host with a user name', { ...told('/mcp'), 'X-Forwarded-Host': 'ada@files.example' }],
    ['the URL of another resource', { ...told('/mcp'), 'X-Forwarded-Host': 'mail.example' }],
    ['no URL', { ...told('/mcp'), 'X-Forwarded-Host': ' ' }],
    ['a fragment', told('/mcp#a')],
  ])('never makes it say %s', async (_name, headers) => {
    const answer = await ask(server, { tail: aboutFiles, headers });

    expect([answer.status, metadataUrlOf(answer.headers)]).toEqual([401, `https://files.example${wellKnown}/mcp`]);
  });

  it.each([
    ['a query', told(`${wellKnown}/mcp?a=b`), `${files}?a=b`],
    ['a slash', told(`${wellKnown}/mcp/`), `${files}/`],
    ['the path alone', { 'X-Original-URI': `${wellKnown}/mcp?a=b` }, `${files}?a=b`],
    ['the root form', told(wellKnown), files],
    ['another resource', told(`${wellKnown}/other`), files],
    ['another host', { ...told(`${wellKnown}/mcp?a=b`), 'X-Forwarded-Host': 'evil.example' }, `${files}?a=b`],
    ['a host with a user name', { ...told(`${wellKnown}/mcp`), 'X-Forwarded-Host': 'ada@files.example' }, files],
    ['the resource, not its metadata', told('/mcp?a=b'), files],
  ])('publishes metadata in its words: %s', async (_name, headers, resource) => {
    const path = `/oauth/protected-resource${aboutFiles}`;
    const response = await fetch(`${server.issuer}${path}`, { headers: headers as Record<string, string> });

    expect(await response.json()).toMatchObject({ resource });
    expect(response.headers.get('vary')).toContain('X-Forwarded-Uri');
  });
});
