import { describe, expect, it } from '@jest/globals';
import {
  aboutFiles,
  askingAbout,
  calling,
  files,
  mail,
  proxiedResource,
  startProxied,
} from '../forward-auth/proxied.ts';
import { shared } from '../support/shared.ts';

const toldOf = (url: string) => {
  const { protocol, host, pathname, search } = new URL(url);
  return {
    'X-Forwarded-Proto': protocol.slice(0, -1),
    'X-Forwarded-Host': host,
    'X-Forwarded-Uri': pathname + search,
    'X-Forwarded-Method': 'POST',
  };
};
const about = (resource: string) => `?resource=${encodeURIComponent(resource)}`;
const [passes, unauthorized, unclear] = [200, 401, 400].map((status) => ({ status })) as [object, object, object];

describe('among several resources, asked by a proxy that nobody named', () => {
  const server = shared(() => startProxied({ env: { TRUSTED_PROXIES: '' } }));
  const { expectTold, tokenFor } = askingAbout(server, files);
  const ofFiles = shared(() => tokenFor('project:read'));
  const ofMail = shared(() => askingAbout(server, mail).tokenFor('project:read'));

  it('the one is meant that the query names, in whatever spelling', async () => {
    for (const tail of [about(files), about('HTTPS://FILES.example:443/mcp')]) {
      await expectTold({ ...ofFiles, tail }, passes);
      await expectTold({ ...ofMail, tail }, unauthorized);
    }
  });

  it.each([
    ['the original URL', toldOf(mail)],
    ['the original URL of nginx', { 'X-Original-URI': '/mcp', 'X-Forwarded-Host': 'mail.example' }],
    ['the query of the client', { 'X-Original-URI': `/mcp?resource=${mail}` }],
    ['another host', { Host: 'mail.example' }],
    ['the forwarded header of RFC 7239', { Forwarded: 'host=mail.example;proto=https' }],
  ])('a client changes nothing about that by %s', async (_name, headers: Record<string, string>) => {
    await expectTold({ ...ofMail, headers }, unauthorized);
    await expectTold({ ...ofFiles, headers }, passes);
  });

  it('none is meant without a query, whatever the headers say, and the log says what to do', async () => {
    const why = 'Which of the resources is meant? Name it in the query: ?resource=…';
    const body = JSON.stringify({ error: 'invalid_request', error_description: why });
    await expectTold({ ...ofFiles, headers: toldOf(files), tail: '' }, { status: 400, body });
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
  ])('is refused with %s in the query', (_name, tail) => expectTold({ ...ofFiles, tail }, unclear));

  it.each(['X-Forwarded-Uri', 'X-Original-URI'])(
    'is refused when the query is that of the client (%s), as Caddy keeps it',
    (name) => expectTold({ ...ofFiles, headers: { [name]: `/mcp${aboutFiles}` } }, unclear),
  );

  it('takes no query behind an appended path: there it is the client’s', () =>
    expectTold({ ...ofFiles, tail: `/mcp${aboutFiles}` }, unclear));
});

describe('among several resources, asked by a trusted proxy', () => {
  const resources = [files, 'https://files.example/mail', mail].map((uri) => proxiedResource(uri));
  const server = shared(() => startProxied({ resources, env: { TRUSTED_PROXIES: '127.0.0.0/8' } }));
  const { expectTold, tokenFor } = askingAbout(server, files);
  const token = shared(() => tokenFor('project:read'));
  const byNginx = { 'X-Original-URI': '/mcp', 'X-Forwarded-Host': 'files.example', 'X-Forwarded-Proto': 'https' };

  it.each<[string, Record<string, string>, string]>([
    ['as Traefik and Caddy tell it', toldOf(files), ''],
    ['with a query', toldOf(`${files}?a=b`), ''],
    ['with a slash (R93)', toldOf(`${files}/`), ''],
    ['with a slash and a query (R93)', toldOf(`${files}/?a=b`), ''],
    ['with capital letters in the host', { ...toldOf(files), 'X-Forwarded-Host': 'Files.Example' }, ''],
    ['as nginx tells it', byNginx, ''],
    ['as Envoy tells it', { Host: 'files.example', 'X-Forwarded-Proto': 'https' }, '/mcp?resource=ignored'],
  ])('the one at the original URL is meant, %s', (_name, headers, tail) =>
    expectTold({ ...token, headers, tail }, passes),
  );

  it('a token for it is refused at the others (RFC 8707 §2)', async () => {
    for (const other of [mail, 'https://files.example/mail'])
      await expectTold({ ...token, headers: toldOf(other), tail: '' }, unauthorized);
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
  ])('none is meant by %s', (_name, changes) =>
    expectTold({ ...token, headers: { ...toldOf(files), ...changes }, tail: '' }, unclear),
  );
});

describe('the only resource', () => {
  const only = proxiedResource(files, { tools: { create_project: ['project:create'] } });
  const server = shared(() => startProxied({ resources: [only] }));
  const { expectTold, tokenFor } = askingAbout(server, files);
  const token = shared(() => tokenFor('project:read'));

  it('is meant without a word, also by a proxy that appends the path', async () => {
    const post = { ...token, method: 'POST' };
    await expectTold({ ...token, tail: '' }, passes);
    await expectTold({ ...post, tail: '/anything?resource=else' }, passes);
    await expectTold({ ...post, tail: '/mcp', headers: calling('create_project') }, { status: 403 });
  });

  it('is not meant by a query that names another one', () => expectTold({ ...token, tail: about(mail) }, unclear));

  it('is the issuer itself when the configuration names none', async () => {
    await using alone = await startProxied({ resources: [proxiedResource(files, { uri: undefined })] });
    const { expectTold, tokenFor } = askingAbout(alone, alone.issuer);
    await expectTold({ ...(await tokenFor('project:read')), tail: '' }, passes);
    await expectTold({ ...token, tail: '' }, unauthorized);
  });
});

describe('the metadata of a resource, for proxies to publish (RFC 9728)', () => {
  const server = shared(() => startProxied());
  const look = (tail: string, init?: RequestInit) => fetch(`${server.issuer}/oauth/protected-resource${tail}`, init);
  const named = (uri: string) => `/${encodeURIComponent(uri)}`;

  it('says who issues its tokens, and the fewest scopes that are of use', async () => {
    const response = await look(named(files));
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('cache-control')).toBe('public, max-age=300');
    const fewest = 'organization:read project:read environment:read table:read table:data:read access-token:read';
    expect(await response.json()).toMatchObject({
      resource: files,
      authorization_servers: [server.issuer],
      scopes_supported: fewest.split(' '),
      bearer_methods_supported: ['header'],
      resource_name: files,
    });
  });

  it('is found by the query, too', async () =>
    expect(await (await look(aboutFiles)).json()).toMatchObject({ resource: files }));

  it.each([
    ['a query of its client', `${named(mail)}?a=b`, `${mail}?a=b`],
    ['a slash', named(`${mail}/`), `${mail}/`],
    ['both', `${named(`${mail}/`)}?a=b`, `${mail}/?a=b`],
    ['a query in our words', `${named(mail)}?resource=${files}`, `${mail}?resource=${files}`],
  ])(
    'is in the words of a path that a proxy has put in place of the client’s: %s (RFC 9728 §3.3)',
    async (_name, tail, resource) => expect(await (await look(tail)).json()).toMatchObject({ resource }),
  );

  it('may be read by web clients that send headers of the protocol', async () => {
    const asks = { 'Access-Control-Request-Method': 'GET', 'Access-Control-Request-Headers': 'mcp-protocol-version' };
    const response = await look(named(files), { method: 'OPTIONS', headers: asks });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-headers')).toContain('mcp-protocol-version');
  });

  it.each([
    ['HEAD', 200],
    ['POST', 405],
  ])('answers %s with %d', async (method, status) =>
    expect((await look(named(files), { method })).status).toBe(status),
  );

  const elsewhere = 'https://other.example/mcp';
  const nowhere = ['', '/', `?resource=${elsewhere}`, named(elsewhere), '/%', '/%00', `x${named(files)}`];
  it.each(nowhere)('is not there for %j', async (tail) => expect((await look(tail)).status).toBe(404));

  it('needs no name where there is only one resource', async () => {
    await using alone = await startProxied({ resources: [proxiedResource(files)] });
    const response = await fetch(`${alone.issuer}/oauth/protected-resource`);
    expect(await response.json()).toMatchObject({ resource: files });
  });
});
