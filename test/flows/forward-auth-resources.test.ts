import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  aboutFiles,
  ask,
  calling,
  connectTo,
  files,
  mail,
  proxiedResource,
  startProxied,
} from '../forward-auth/proxied.ts';
import type { TestServer } from '../support/server.ts';

const toldOf = (url: string) => {
  const { protocol, host, pathname, search } = new URL(url);
  return {
    'X-Forwarded-Proto': protocol.slice(0, -1),
    'X-Forwarded-Host': host,
    'X-Forwarded-Uri': pathname + search,
    'X-Forwarded-Method': 'POST',
  };
};

describe('among several resources, asked by a proxy that nobody named', () => {
  let server: TestServer;
  let filesToken: string;
  let mailToken: string;
  beforeAll(async () => {
    server = await startProxied({ env: { TRUSTED_PROXIES: '' } });
    filesToken = (await connectTo(server, files, 'project:read')).accessToken;
    mailToken = (await connectTo(server, mail, 'project:read')).accessToken;
  });
  afterAll(() => server.close());

  it('the one is meant that the query names, in whatever spelling', async () => {
    for (const spelling of [files, 'HTTPS://FILES.example:443/mcp']) {
      const tail = `?resource=${encodeURIComponent(spelling)}`;
      expect((await ask(server, { token: filesToken, tail })).status).toBe(200);
      expect((await ask(server, { token: mailToken, tail })).status).toBe(401);
    }
  });

  it.each([
    ['the original URL', toldOf(mail)],
    ['the original URL of nginx', { 'X-Original-URI': '/mcp', 'X-Forwarded-Host': 'mail.example' }],
    ['the query of the client', { 'X-Original-URI': `/mcp?resource=${mail}` }],
    ['another host', { Host: 'mail.example' }],
    ['the forwarded header of RFC 7239', { Forwarded: 'host=mail.example;proto=https' }],
  ])('a client changes nothing about that by %s', async (_name, headers) => {
    expect((await ask(server, { token: mailToken, headers, tail: aboutFiles })).status).toBe(401);
    expect((await ask(server, { token: filesToken, headers, tail: aboutFiles })).status).toBe(200);
  });

  it('none is meant without a query, whatever the headers say, and the log says what to do', async () => {
    const { status, body } = await ask(server, { token: filesToken, headers: toldOf(files) });

    expect(status).toBe(400);
    expect(JSON.parse(body)).toEqual({
      error: 'invalid_request',
      error_description: 'Which of the resources is meant? Name it in the query: ?resource=…',
    });
    expect(server.logLines).toContainEqual(expect.objectContaining({ event: 'forward-auth.misconfigured', level: 40 }));
  });

  it.each([
    ['an unknown resource', '?resource=https%3A%2F%2Fother.example%2Fmcp'],
    ['no URL', '?resource=files'],
    ['an empty query', '?resource='],
    ['two resources', `${aboutFiles}&resource=${encodeURIComponent(mail)}`],
    ['the same twice', `${aboutFiles}&resource=${encodeURIComponent(files)}`],
    ['something beside it, as a proxy that hands on a query', `${aboutFiles}&a=b`],
    ['something else', '?uri=/mcp'],
  ])('is refused with %s in the query', async (_name, tail) => {
    expect((await ask(server, { token: filesToken, tail })).status).toBe(400);
  });

  it.each(['X-Forwarded-Uri', 'X-Original-URI'])(
    'is refused when the query is that of the client (%s), as Caddy keeps it',
    async (name) => {
      const headers = { [name]: `/mcp${aboutFiles}` };
      expect((await ask(server, { token: filesToken, headers, tail: aboutFiles })).status).toBe(400);
    },
  );

  it('takes no query behind an appended path: there it is the client’s', async () => {
    expect((await ask(server, { token: filesToken, tail: `/mcp${aboutFiles}` })).status).toBe(400);
  });
});

describe('among several resources, asked by a trusted proxy', () => {
  let server: TestServer;
  let token: string;
  const behind = { resources: [files, 'https://files.example/mail', mail].map((uri) => proxiedResource(uri)) };
  beforeAll(async () => {
    server = await startProxied({ ...behind, env: { TRUSTED_PROXIES: '127.0.0.0/8' } });
    token = (await connectTo(server, files, 'project:read')).accessToken;
  });
  afterAll(() => server.close());

  it.each([
    ['as Traefik and Caddy tell it', toldOf(files), ''],
    ['with a query', toldOf(`${files}?a=b`), ''],
    ['with a slash (R93)', toldOf(`${files}/`), ''],
    ['with a slash and a query (R93)', toldOf(`${files}/?a=b`), ''],
    ['with capital letters in the host', { ...toldOf(files), 'X-Forwarded-Host': 'Files.Example' }, ''],
    [
      'as nginx tells it',
      { 'X-Original-URI': '/mcp', 'X-Forwarded-Host': 'files.example', 'X-Forwarded-Proto': 'https' },
      '',
    ],
    ['as Envoy tells it', { Host: 'files.example', 'X-Forwarded-Proto': 'https' }, '/mcp?resource=ignored'],
  ])('the one at the original URL is meant, %s', async (_name, headers, tail) => {
    expect((await ask(server, { token, headers, tail })).status).toBe(200);
  });

  it('a token for it is refused at the others (RFC 8707 §2)', async () => {
    expect((await ask(server, { token, headers: toldOf(mail) })).status).toBe(401);
    expect((await ask(server, { token, headers: toldOf('https://files.example/mail') })).status).toBe(401);
  });

  it.each([
    ['another path', { 'X-Forwarded-Uri': '/mcp/other' }],
    ['two slashes', { 'X-Forwarded-Uri': '/mcp//' }],
    ['a path that a proxy may read as another one', { 'X-Forwarded-Uri': '/mail/..%2Fmcp' }],
    ['a path with dots', { 'X-Forwarded-Uri': '/mail/../mcp' }],
    ['a path with an encoded letter', { 'X-Forwarded-Uri': '/%6Dcp' }],
    ['a whole URL', { 'X-Forwarded-Uri': files }],
    ['two paths', { 'X-Original-URI': '/mail' }],
    ['another port', { 'X-Forwarded-Host': 'files.example:8443' }],
    ['two hosts', { 'X-Forwarded-Host': 'files.example, mail.example' }],
    ['a host with a name before it', { 'X-Forwarded-Host': 'mail.example@files.example' }],
    ['another protocol', { 'X-Forwarded-Proto': 'http' }],
    ['no protocol', { 'X-Forwarded-Proto': '' }],
    ['two protocols', { 'X-Forwarded-Proto': 'https,http' }],
  ])('none is meant by %s', async (_name, changes) => {
    expect((await ask(server, { token, headers: { ...toldOf(files), ...changes } })).status).toBe(400);
  });
});

describe('the only resource', () => {
  let server: TestServer;
  let token: string;
  const only = proxiedResource(files, { tools: { create_project: ['project:create'] } });
  beforeAll(async () => {
    server = await startProxied({ resources: [only] });
    token = (await connectTo(server, files, 'project:read')).accessToken;
  });
  afterAll(() => server.close());

  it('is meant without a word, also by a proxy that appends the path', async () => {
    expect((await ask(server, { token })).status).toBe(200);
    expect((await ask(server, { token, tail: '/anything?resource=else', method: 'POST' })).status).toBe(200);
    const call = await ask(server, { token, tail: '/mcp', method: 'POST', headers: calling('create_project') });
    expect(call.status).toBe(403);
  });

  it('is not meant by a query that names another one', async () => {
    expect((await ask(server, { token, tail: `?resource=${encodeURIComponent(mail)}` })).status).toBe(400);
  });

  it('is the issuer itself when the configuration names none', async () => {
    await using alone = await startProxied({ resources: [proxiedResource(files, { uri: undefined })] });
    const { accessToken } = await connectTo(alone, alone.issuer, 'project:read');
    expect((await ask(alone, { token: accessToken })).status).toBe(200);
    expect((await ask(alone, { token })).status).toBe(401);
  });
});

describe('the metadata of a resource, for proxies to publish (RFC 9728)', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startProxied();
  });
  afterAll(() => server.close());
  const look = (tail: string, init?: RequestInit) => fetch(`${server.issuer}/oauth/protected-resource${tail}`, init);
  const named = (uri: string) => `/${encodeURIComponent(uri)}`;

  it('says who issues its tokens, and the fewest scopes that are of use', async () => {
    const response = await look(named(files));
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('cache-control')).toBe('public, max-age=300');
    expect(await response.json()).toMatchObject({
      resource: files,
      authorization_servers: [server.issuer],
      scopes_supported: [
        'organization:read',
        'project:read',
        'environment:read',
        'table:read',
        'table:data:read',
        'access-token:read',
      ],
      bearer_methods_supported: ['header'],
      resource_name: files,
    });
  });

  it('is found by the query, too', async () => {
    expect(await (await look(aboutFiles)).json()).toMatchObject({ resource: files });
  });

  it.each([
    ['a query of its client', `${named(mail)}?a=b`, `${mail}?a=b`],
    ['a slash', named(`${mail}/`), `${mail}/`],
    ['both', `${named(`${mail}/`)}?a=b`, `${mail}/?a=b`],
    ['a query in our words', `${named(mail)}?resource=${files}`, `${mail}?resource=${files}`],
  ])('is in the words of a path that a proxy has put in place of the client’s: %s (RFC 9728 §3.3)', async (...row) => {
    const [, tail, resource] = row;
    expect(await (await look(tail)).json()).toMatchObject({ resource });
  });

  it('may be read by web clients that send headers of the protocol', async () => {
    const headers = {
      'Access-Control-Request-Method': 'GET',
      'Access-Control-Request-Headers': 'mcp-protocol-version',
    };
    const response = await look(named(files), { method: 'OPTIONS', headers });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-headers')).toContain('mcp-protocol-version');
  });

  it.each([
    ['HEAD', 200],
    ['POST', 405],
  ])('answers %s with %d', async (method, status) => {
    expect((await look(named(files), { method })).status).toBe(status);
  });

  it.each([
    '',
    '/',
    '?resource=https://other.example/mcp',
    named('https://other.example/mcp'),
    '/%',
    '/%00',
    `x${named(files)}`,
  ])('is not there for %j', async (tail) => {
    expect((await look(tail)).status).toBe(404);
  });

  it('needs no name where there is only one resource', async () => {
    await using alone = await startProxied({ resources: [proxiedResource(files)] });
    const response = await fetch(`${alone.issuer}/oauth/protected-resource`);
    expect(await response.json()).toMatchObject({ resource: files });
  });
});
