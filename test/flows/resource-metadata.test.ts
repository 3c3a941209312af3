import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { aboutFiles, askingAbout, files, proxiedResource, startProxied } from '../forward-auth/proxied.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const wellKnown = '/.well-known/oauth-protected-resource';

async function look(origin: string, path: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${origin}${path}`, { headers });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe.each([true, false])('with the demonstration: %s, a server publishes (R106)', (demonstration) => {
  const server = shared(() => startServer({ demonstration, env: { DEMO: demonstration ? '1' : '0' } }));

  it.each(['', '/', '/mcp'])('the metadata of the issuer’s own resource at %j', async (tail) => {
    const { status, body } = await look(server.origin, `${wellKnown}${tail}`);
    const own = { resource: server.issuer, authorization_servers: [server.issuer], resource_name: 'bkend' };
    expect({ status, body }).toMatchObject({ status: 200, body: own });
    const scopes = body.scopes_supported as string[];
    expect(scopes).toContain('project:read');
    expect(scopes.filter((scope) => scope.endsWith(':delete'))).toEqual([]);
  });

  const spellings = ['/mcp/', '/mcp?read_only=true', '/mcp/?tools=a,b'];
  it.each(spellings)('them under the URL that was asked: %s (R93, RFC 9728 §3.3)', async (tail) =>
    expect((await look(server.origin, `${wellKnown}${tail}`)).body.resource).toBe(`${server.origin}${tail}`),
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
    const policy = { resources: [{ ...own, ...changes }] };
    await using server = await startServer({ demonstration: true, env: { DEMO: '1' }, policy });
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
    const resources = uris.map((uri) => proxiedResource(uri));
    await using server = await startProxied({ resources, issuer: `${here}/mcp` });
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
    const { body } = await look(server.origin, `${wellKnown}/old`, { host: 'auth.example' });
    expect(body.authorization_servers).toEqual([`${here}/mcp`]);
  });

  it('names the scopes that the configuration says, and those that every request needs', async () => {
    const resources = [proxiedResource(files, { metadataScopes: ['table:*'], requiredScopes: ['project:read'] })];
    await using server = await startProxied({ resources });

    const { body } = await look(server.issuer, '/oauth/protected-resource');

    expect(body.scopes_supported).toEqual('project:read table:read table:create table:update table:delete'.split(' '));
  });
});

describe('a proxy that tells what its client asked for (R93)', () => {
  const server = shared(() => startProxied());
  const { expectTold } = askingAbout(server, files);
  const leadsTo = (uri: string) => ({
    status: 401,
    headers: {
      'www-authenticate': expect.stringContaining(`resource_metadata="https://files.example${wellKnown}${uri}"`),
    },
  });

  const told = (uri: string) => ({
    'X-Forwarded-Proto': 'https',
    'X-Forwarded-Host': 'files.example',
    'X-Forwarded-Uri': uri,
  });

  it.each(['/mcp?read_only=true', '/mcp/', '/mcp/?a=b', '/mcp'])('gets a challenge that repeats %s', (uri) =>
    expectTold({ headers: told(uri) }, leadsTo(uri)),
  );

  it('gets it also where it tells the path alone, as nginx', () =>
    expectTold({ headers: { 'X-Original-URI': '/mcp?a=b' } }, leadsTo('/mcp?a=b')));

  it.each([
    ['another path', told('/other?a=b')],
    ['an address of metadata', told(`${wellKnown}/mcp`)],
    ['another host', { ...told('/mcp'), 'X-Forwarded-Host': 'evil.example' }],
    ['a host with a user name', { ...told('/mcp'), 'X-Forwarded-Host': 'ada@files.example' }],
    ['the URL of another resource', { ...told('/mcp'), 'X-Forwarded-Host': 'mail.example' }],
    ['no URL', { ...told('/mcp'), 'X-Forwarded-Host': ' ' }],
    ['a fragment', told('/mcp#a')],
  ])('never makes it say %s', (_name, headers) => expectTold({ headers }, leadsTo('/mcp')));

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
