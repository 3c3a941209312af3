import { protectResource, protectResources } from '@bkend/mcp-gateway';
import { describe, expect, it } from '@jest/globals';
import { listening } from '../support/listening.ts';
import { shared } from '../support/shared.ts';
import { answerOf, createGateway, FRAMEWORKS } from './gateway.ts';
import { bearer, createIssuer, METADATA, RESOURCE } from './issuer.ts';

const host = 'https://gateway.example';
const former = 'https://old.example/v1/mcp';

const issuer = shared(createIssuer);

const metadataUrlOf = (response: Response) =>
  /resource_metadata="([^"]*)"/.exec(response.headers.get('www-authenticate') ?? '')?.[1] ?? '';

describe.each(FRAMEWORKS)('a resource protected with %s, asked at a URL', (framework) => {
  const gateway = shared(() => createGateway(issuer.url, { formerly: [former] }, framework));

  /** As a strict client does: the 401, then the document to which it leads (RFC 9728 §3.3). */
  async function follow(target: string) {
    const challenged = await gateway.request(target, { method: 'POST' });
    const url = new URL(metadataUrlOf(challenged));
    const metadata = await (await gateway.request(url.pathname + url.search)).json();
    return { status: challenged.status, url: url.href, metadata };
  }

  it.each([
    ['as it is', '/mcp'],
    ['with a query', '/mcp?tools=a,b'],
    ['with a slash', '/mcp/'],
    ['with a slash and a query', '/mcp/?read_only=true'],
    ['with characters that a header must not hold as they are', '/mcp?q=%22%0d%0a'],
  ])('%s, repeats it in challenge and metadata (R93)', async (_name, target) => {
    expect(await follow(target)).toMatchObject({
      status: 401,
      url: `${host}${METADATA}${target}`,
      metadata: { resource: `${host}${target}`, authorization_servers: [issuer.url] },
    });
  });

  it.each(['/mcp/other', '/other', '/', '/mcp//', '/MCP?a=b'])('of another path (%s), names itself', async (target) => {
    expect(await follow(target)).toMatchObject({ status: 401, metadata: { resource: RESOURCE } });
  });

  it('repeats it also to whoever lacks a scope, or has a token that is not valid', async () => {
    const lacking = await issuer.sign({ scope: 'table:read' });
    const foreign = await issuer.sign({ aud: 'https://other.example' });
    const told = [lacking, 'no token', foreign].map(async (token) => {
      const refused = await gateway.call(token, '/mcp?a=b');
      return [refused.status, metadataUrlOf(refused)];
    });
    expect(await Promise.all(told)).toEqual([403, 401, 401].map((status) => [status, `${host}${METADATA}/mcp?a=b`]));
  });

  it('tells the handler, and the SDK in it, where that document is', async () => {
    const identity = await (await gateway.call(await issuer.sign(), '/mcp?a=b')).json();

    expect(identity).toMatchObject({ resourceMetadataUrl: `${host}${METADATA}/mcp?a=b` });
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
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(await answerOf(response)).toMatchObject({ status: 404, body: { error: 'not_found' } });
    expect((await gateway.call(await issuer.sign(), path)).status).toBe(404);
    expect((await gateway.request(path, { method: 'OPTIONS' })).status).toBe(204);
  });

  it.each(['/well-known/x', '//.well-known/x', '/other/.well-known/x', '/mcp/.well-known'])(
    'still asks for a token at %s',
    async (path) => expect((await gateway.request(path)).status).toBe(401),
  );
});

describe('a resource of this machine', () => {
  it.each([
    ['localhost', '127.0.0.1'],
    ['127.0.0.1', 'localhost'],
  ])('at %s is called %s where that was asked (R102)', async (own, other) => {
    await using served = await listening(async (req, res) => {
      await protection.middleware(req, res);
    });
    const [resource, asked] = [own, other].map((name) => `${served.origin.replace('127.0.0.1', name)}/mcp`);
    const protection = protectResource({ issuer: issuer.url, resource: String(resource), scopes: [] });

    const challenged = await fetch(`${asked}?a=b`, { method: 'POST' });
    const metadata = await (await fetch(metadataUrlOf(challenged))).json();
    const root = await (await fetch(new URL(METADATA, String(asked)))).json();

    expect(metadata).toMatchObject({ resource: `${asked}?a=b` });
    expect(root).toMatchObject({ resource: asked });
  });
});

describe('another `Host`', () => {
  it.each(['evil.example', 'gateway.example:8443', '127.0.0.1', 'localhost', 'gateway.example@evil.example'])(
    'such as %s changes nothing that is said',
    async (other) => {
      const protection = protectResource({ issuer: issuer.url, resource: RESOURCE, scopes: [] });
      const { origin } = new URL(`https://${other}`);
      const ask = async (path: string) => (await protection.authenticate(new Request(origin + path))) as Response;

      expect(metadataUrlOf(await ask('/mcp?a=b'))).toBe(`${host}${METADATA}/mcp?a=b`);
      expect(await (await ask(`${METADATA}/mcp`)).json()).toMatchObject({ resource: RESOURCE });
    },
  );
});

describe('several resources of one host', () => {
  const protect = (path: string, ...formerly: string[]) =>
    protectResource({ issuer: issuer.url, resource: `${host}${path}`, scopes: [], formerly });

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
    const ask = async (path: string) => (await authenticate(new Request(`${host}${path}`))) as unknown as Response;
    const resource = `${host}${target}`;

    expect(metadataUrlOf(await ask(target))).toBe(`${host}${METADATA}${target}`);
    expect(await (await ask(`${METADATA}${target}`)).json()).toMatchObject({ resource });
    expect((await ask('/.well-known/openid-configuration')).status).toBe(404);
  });

  it('are found where they were before, unless another one is there now, and below that none (R99)', async () => {
    const { authenticate } = protectResources(
      protect('/mcp', 'https://gateway.example', 'https://gateway.example/v1', 'https://gateway.example/TABLES'),
      protect('/tables', 'https://gateway.example/mcp', 'https://gateway.example/v1'),
    );
    const ask = async (path: string, resource: string) => {
      const headers = bearer(await issuer.sign({ aud: `${host}${resource}` }));
      return authenticate(new Request(`${host}${path}`, { headers }));
    };

    for (const path of ['/', '/?a=b', '/v1', '/v1/', '/v1?a=b', '/mcp', '/mcp/below'])
      expect([path, await ask(path, '/mcp')]).toEqual([path, expect.objectContaining({ accountId: 'account-ada' })]);
    expect(await ask('/v1', '/tables')).toMatchObject({ status: 401 });
    for (const path of ['/v1/below', '/other', '/v1//'])
      expect(await ask(path, '/mcp')).not.toHaveProperty('accountId');
    // A tolerant router would serve the other one there.
    expect(await ask('/TABLES', '/mcp')).toMatchObject({ status: 404 });
    for (const path of ['', '/', '/v1', '/v1/?a=b']) {
      const answer = await authenticate(new Request(`${host}${METADATA}${path}`));
      expect([path, answer]).toMatchObject([path, { status: 200 }]);
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

it('the metadata of a resource name the fewest scopes that are of use, unless told otherwise', () => {
  const scopes = { scopes: ['project:read'], challengeScopes: ['table:read'] };
  const options = { issuer: issuer.url, resource: RESOURCE, ...scopes };
  expect(protectResource(options).metadata.scopes_supported).toEqual(['project:read', 'table:read']);
  expect(protectResource({ ...options, scopesSupported: ['a:b'] }).metadata.scopes_supported).toEqual(['a:b']);
});
