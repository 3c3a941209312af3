import { protectResource, protectResources } from '@bkend/mcp-gateway';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { shared } from '../support/shared.ts';
import { createGateway, FRAMEWORKS, type Gateway } from './gateway.ts';
import { close, createIssuer, listen, RESOURCE } from './issuer.ts';

const wellKnown = '/.well-known/oauth-protected-resource';
const former = 'https://old.example/v1/mcp';

const issuer = shared(createIssuer);

const metadataUrlOf = (response: Response) =>
  /resource_metadata="([^"]*)"/.exec(response.headers.get('www-authenticate') ?? '')?.[1] ?? '';

describe.each(FRAMEWORKS)('a resource protected with %s, asked at a URL', (framework) => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await createGateway(issuer.url, { formerly: [former] }, framework);
  });
  afterAll(() => gateway[Symbol.asyncDispose]());

  /** As a strict client does: the 401, then the document to which it leads (RFC 9728 §3.3). */
  async function follow(target: string, headers: Record<string, string> = {}) {
    const challenged = await gateway.request(target, { method: 'POST', headers });
    const url = new URL(metadataUrlOf(challenged));
    const metadata = await gateway.request(url.pathname + url.search, { headers });
    return { status: challenged.status, url: url.href, metadata: (await metadata.json()) as { resource: string } };
  }

  it.each([
    ['as it is', '/mcp'],
    ['with a query', '/mcp?tools=a,b'],
    ['with a slash', '/mcp/'],
    ['with a slash and a query', '/mcp/?read_only=true'],
    ['with characters that a header must not hold as they are', '/mcp?q=%22%0d%0a'],
  ])('%s, repeats it in challenge and metadata (R93)', async (_name, target) => {
    const { status, url, metadata } = await follow(target);

    expect(status).toBe(401);
    expect(url).toBe(`https://gateway.example${wellKnown}${target}`);
    expect(metadata).toMatchObject({
      resource: `https://gateway.example${target}`,
      authorization_servers: [issuer.url],
    });
  });

  it.each(['/mcp/other', '/other', '/', '/mcp//', '/MCP?a=b'])('of another path (%s), names itself', async (target) => {
    const { status, metadata } = await follow(target);

    expect([status, metadata.resource]).toEqual([401, RESOURCE]);
  });

  it('repeats it also to whoever lacks a scope, or has a token that is not valid', async () => {
    const lacking = await issuer.sign({ scope: 'table:read' });
    const refused = [
      await gateway.call(lacking, '/mcp?a=b'),
      await gateway.call('no token', '/mcp?a=b'),
      await gateway.call(await issuer.sign({ aud: 'https://other.example' }), '/mcp?a=b'),
    ];

    expect(refused.map(({ status }) => status)).toEqual([403, 401, 401]);
    for (const each of refused) expect(metadataUrlOf(each)).toBe(`https://gateway.example${wellKnown}/mcp?a=b`);
  });

  it('tells the handler, and the SDK in it, where that document is', async () => {
    const identity = await (await gateway.call(await issuer.sign(), '/mcp?a=b')).json();

    expect(identity).toMatchObject({ resourceMetadataUrl: `https://gateway.example${wellKnown}/mcp?a=b` });
  });

  it('takes tokens for the URL at which it was, and for no other (R99)', async () => {
    const answers = [former, RESOURCE, `${RESOURCE}/`, `${RESOURCE}?a=b`, 'https://old.example'].map(
      async (aud) => (await gateway.call(await issuer.sign({ aud }))).status,
    );

    expect(await Promise.all(answers)).toEqual([200, 200, 401, 401, 401]);
  });

  it.each([
    '/.well-known/oauth-authorization-server',
    '/.well-known/oauth-authorization-server/mcp',
    '/.well-known/openid-configuration',
    '/mcp/.well-known/openid-configuration',
    '/.well-known/oauth-protected-resource/other',
    '/.well-known/oauth-protected-resources',
    '/.well-known/acme-challenge/x',
  ])('answers %s with 404, never with 401 (R105)', async (path) => {
    const response = await gateway.request(path);
    const withToken = await gateway.call(await issuer.sign(), path);

    expect([response.status, await response.json()]).toEqual([404, { error: 'not_found' }]);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(withToken.status).toBe(404);
    expect((await gateway.request(path, { method: 'OPTIONS' })).status).toBe(204);
  });

  it.each(['/well-known/x', '//.well-known/x', '/other/.well-known/x', '/mcp/.well-known'])(
    'still asks for a token at %s',
    async (path) => expect((await gateway.request(path)).status).toBe(401),
  );
});

describe('a resource of this machine', () => {
  async function onLoopback(resourceHost: string) {
    const { server, origin } = await listen(async (req, res) => {
      await protection.middleware(req, res);
    });
    const { port } = new URL(origin);
    const resource = `http://${resourceHost}:${port}/mcp`;
    const protection = protectResource({ issuer: issuer.url, resource, scopes: [] });
    return { port, resource, [Symbol.asyncDispose]: () => close(server) };
  }

  it.each([
    ['localhost', '127.0.0.1'],
    ['127.0.0.1', 'localhost'],
  ])('at %s is called %s where that was asked (R102)', async (host, askedHost) => {
    await using gateway = await onLoopback(host);
    const asked = `http://${askedHost}:${gateway.port}/mcp`;

    const challenged = await fetch(`${asked}?a=b`, { method: 'POST' });
    const metadata = await (await fetch(metadataUrlOf(challenged))).json();
    const root = await (await fetch(new URL(wellKnown, asked))).json();

    expect(metadata).toMatchObject({ resource: `${asked}?a=b` });
    expect(root).toMatchObject({ resource: asked });
  });
});

describe('another `Host`', () => {
  it.each(['evil.example', 'gateway.example:8443', '127.0.0.1', 'localhost', 'gateway.example@evil.example'])(
    'such as %s changes nothing that is said',
    async (host) => {
      const protection = protectResource({ issuer: issuer.url, resource: RESOURCE, scopes: [] });
      const url = new URL(`https://${host}/mcp?a=b`);
      const refused = (await protection.authenticate(new Request(`https://${url.host}/mcp?a=b`))) as Response;
      const metadata = (await protection.authenticate(new Request(`https://${url.host}${wellKnown}/mcp`))) as Response;

      expect(metadataUrlOf(refused)).toBe(`https://gateway.example${wellKnown}/mcp?a=b`);
      expect(await metadata.json()).toMatchObject({ resource: RESOURCE });
    },
  );
});

describe('several resources of one host', () => {
  const protect = (path: string, ...formerly: string[]) =>
    protectResource({ issuer: issuer.url, resource: `https://gateway.example${path}`, scopes: [], formerly });

  it.each([
    ['/projects/?a=b', ['/projects', '/tables']],
    ['/tables?a=b', ['/projects', '/tables']],
    ['/tables/', ['/projects', '/tables']],
    // Spelled with a slash, or with and without: each is meant where it is spelled so, else the one there is.
    ['/mcp', ['/mcp/', '/tables']],
    ['/mcp?a=b', ['/mcp/', '/tables']],
    ['/mcp/', ['/mcp', '/mcp/']],
    ['/mcp', ['/mcp', '/mcp/']],
  ])('are each called what was asked, %s, where there are %j', async (target, paths) => {
    const { authenticate } = protectResources(...paths.map((path) => protect(path)));
    const ask = async (path: string) =>
      (await authenticate(new Request(`https://gateway.example${path}`))) as unknown as Response;

    expect(metadataUrlOf(await ask(target))).toBe(`https://gateway.example${wellKnown}${target}`);
    expect(await (await ask(`${wellKnown}${target}`)).json()).toMatchObject({
      resource: `https://gateway.example${target}`,
    });
    expect((await ask('/.well-known/openid-configuration')).status).toBe(404);
  });

  it('are found where they were before, unless another one is there now, and below that none (R99)', async () => {
    const { authenticate } = protectResources(
      protect('/mcp', 'https://gateway.example', 'https://gateway.example/v1', 'https://gateway.example/TABLES'),
      protect('/tables', 'https://gateway.example/mcp', 'https://gateway.example/v1'),
    );
    const ask = async (path: string, resource: string) => {
      const headers = { authorization: `Bearer ${await issuer.sign({ aud: `https://gateway.example${resource}` })}` };
      return authenticate(new Request(`https://gateway.example${path}`, { headers }));
    };

    for (const path of ['/', '/?a=b', '/v1', '/v1/', '/v1?a=b', '/mcp', '/mcp/below'])
      expect([path, await ask(path, '/mcp')]).toEqual([path, expect.objectContaining({ accountId: 'account-ada' })]);
    expect(await ask('/v1', '/tables')).toMatchObject({ status: 401 });
    for (const path of ['/v1/below', '/other', '/v1//'])
      expect(await ask(path, '/mcp')).not.toHaveProperty('accountId');
    // A tolerant router would serve the other one there.
    expect(await ask('/TABLES', '/mcp')).toMatchObject({ status: 404 });
    for (const path of ['', '/', '/v1', '/v1/?a=b']) {
      const answer = (await authenticate(
        new Request(`https://gateway.example${wellKnown}${path}`),
      )) as unknown as Response;
      expect([path, answer.status]).toEqual([path, 200]);
    }
  });

  it.each([
    ['their queries', 'https://gateway.example/mcp?tenant=1', 'https://gateway.example/mcp?tenant=2'],
    ['their hosts', 'https://one.example/mcp', 'https://two.example/mcp'],
    ['nothing', 'https://gateway.example/mcp', 'https://GATEWAY.example/mcp'],
  ])('cannot differ in %s only: a token for one would open the other one', (_name, one, other) => {
    const protections = [one, other].map((resource) => protectResource({ issuer: issuer.url, resource, scopes: [] }));

    expect(() => protectResources(...protections)).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }));
  });
});

describe('the metadata of a resource', () => {
  it('name the fewest scopes that are of use, unless told otherwise', () => {
    const options = {
      issuer: issuer.url,
      resource: RESOURCE,
      scopes: ['project:read'],
      challengeScopes: ['table:read'],
    };
    expect(protectResource(options).metadata.scopes_supported).toEqual(['project:read', 'table:read']);
    expect(protectResource({ ...options, scopesSupported: ['a:b'] }).metadata.scopes_supported).toEqual(['a:b']);
  });
});
