import { describe, expect, it } from '@jest/globals';
import { shared } from '../support/shared.ts';
import { createGateway, FRAMEWORKS } from './gateway.ts';
import { createIssuer, RESOURCE } from './issuer.ts';

const METADATA_URL = 'https://gateway.example/.well-known/oauth-protected-resource/mcp';
const HINTS = `resource_metadata="${METADATA_URL}", scope="project:read organization:read"`;
const INVALID = `Bearer ${HINTS}, error="invalid_token", error_description="The access token is not valid"`;

const issuer = shared(createIssuer);

describe.each(FRAMEWORKS)('a resource protected with %s', (framework) => {
  const gateway = shared(() =>
    createGateway(issuer.url, { challengeScopes: ['organization:read', 'offline_access'] }, framework),
  );

  it('lets a good token through and says who it is', async () => {
    const response = await gateway.call(await issuer.sign());
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ accountId: 'account-ada', organizationSlug: 'acme' });
  });

  it.each(['GET', 'HEAD', 'POST', 'DELETE'])(
    'asks %s without a token to get one, with no error (RFC 6750 §3.1)',
    async (method) => {
      const response = await gateway.request('/mcp', { method });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe(`Bearer ${HINTS}`);
    },
  );

  it('says in the body what is missing', async () => {
    const response = await gateway.request('/mcp');
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await response.json()).toEqual({ error: 'unauthorized', error_description: 'An access token is required' });
  });

  it('refuses a bad token with invalid_token, and no reason beyond that', async () => {
    const response = await gateway.call(await issuer.sign({ aud: 'https://other.example/mcp' }));
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe(INVALID);
    expect(await response.json()).toEqual({
      error: 'invalid_token',
      error_description: 'The access token is not valid',
    });
  });

  it('refuses an expired token with a reason', async () => {
    const response = await gateway.call(await issuer.sign({ exp: 1_000_000_000 }));
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe(
      `Bearer ${HINTS}, error="invalid_token", error_description="The access token expired"`,
    );
  });

  it('refuses a token without a scope that every request needs, asking for both', async () => {
    const response = await gateway.call(await issuer.sign({ scope: 'table:read' }));
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toBe(
      `Bearer resource_metadata="${METADATA_URL}", scope="table:read project:read", ` +
        'error="insufficient_scope", error_description="The access token lacks a permission for this"',
    );
  });

  it('refuses one route to who lacks its scope, naming what there is and what is missing', async () => {
    const response = await gateway.call(await issuer.sign(), '/projects');
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toContain('scope="organization:read project:read project:create"');
    expect(await response.json()).toMatchObject({ error: 'insufficient_scope' });
  });

  it('opens that route to who has the scope, also by a wildcard', async () => {
    expect((await gateway.call(await issuer.sign({ scope: 'project:*' }), '/projects')).status).toBe(200);
  });

  it.each([
    ['another scheme', { authorization: 'Basic YTpi' }, `Bearer ${HINTS}`],
    ['a scheme without a token', { authorization: 'Bearer ' }, `Bearer ${HINTS}`],
    ['two tokens', { authorization: 'Bearer a b' }, INVALID],
  ])('refuses %s', async (_name, headers, challenge) => {
    const response = await gateway.request('/mcp', { headers });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe(challenge);
  });

  it('takes the scheme in any case (RFC 9110 §11.1), and no token from the URL (RFC 6750 §2.3)', async () => {
    const token = await issuer.sign();
    const lowerCase = await gateway.request('/mcp', { headers: { authorization: `bearer ${token}` } });
    const inUrl = await gateway.request(`/mcp?access_token=${token}`);
    expect([lowerCase.status, inUrl.status]).toEqual([200, 401]);
  });

  it.each(['/.well-known/oauth-protected-resource/mcp', '/.well-known/oauth-protected-resource'])(
    'publishes its metadata to anyone at %s (RFC 9728 §3)',
    async (path) => {
      const response = await gateway.request(path);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toMatch(/^application\/json/);
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
      expect(await response.json()).toEqual({
        resource: RESOURCE,
        authorization_servers: [issuer.url],
        scopes_supported: ['project:read', 'organization:read'],
        bearer_methods_supported: ['header'],
      });
    },
  );

  it('does not publish metadata of a resource that it is not', async () => {
    expect((await gateway.request('/.well-known/oauth-protected-resource/other')).status).toBe(404);
    expect((await gateway.request('/.well-known/oauth-protected-resource', { method: 'POST' })).status).toBe(405);
  });

  it.each(['/mcp', '/.well-known/oauth-protected-resource/mcp'])(
    'answers the preflight of a web client at %s',
    async (path) => {
      const response = await gateway.request(path, { method: 'OPTIONS', headers: { origin: 'http://localhost:6274' } });
      const allowed = response.headers.get('access-control-allow-headers')?.split(', ');
      expect(response.status).toBe(204);
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
      expect(allowed).toEqual(
        expect.arrayContaining(['authorization', 'content-type', 'mcp-protocol-version', 'accept']),
      );
    },
  );

  it.each([
    ['X-Api-Key, x-trace-id', ['x-api-key', 'x-trace-id'], []],
    ['Authorization,X-A', ['authorization', 'x-a'], []],
    ['*', ['*', 'authorization'], []],
    ['bad name, x\u00e9, a"b, <b>', [], ['bad name', 'a"b', '<b>']],
    [Array.from({ length: 60 }, (_, n) => `x-${n}`).join(), ['x-0', 'x-48'], ['x-50', 'x-59']],
  ])('allows the headers that a preflight asks for, if they are names: %s (R97)', async (asked, allowed, refused) => {
    const headers = { 'access-control-request-headers': asked };
    const names = (response: Response) => response.headers.get('access-control-allow-headers')?.split(', ') ?? [];
    const response = await gateway.request('/mcp', { method: 'OPTIONS', headers });
    expect(names(response)).toEqual(expect.arrayContaining(['mcp-protocol-version', ...allowed]));
    for (const name of refused) expect(names(response)).not.toContain(name);
    expect(names(response)).toHaveLength(new Set(names(response)).size);
    expect(response.headers.get('vary')).toBe('Access-Control-Request-Headers');
  });

  it('lets a web client read the challenge and the answer', async () => {
    const responses = [await gateway.request('/mcp'), await gateway.call(await issuer.sign())];
    for (const { headers } of responses) {
      expect(headers.get('access-control-allow-origin')).toBe('*');
      expect(headers.get('access-control-expose-headers')).toContain('WWW-Authenticate');
    }
  });

  it('answers 503 when the keys cannot be fetched, for the token may be perfect', async () => {
    await using away = await createIssuer();
    away.trouble = 503;
    await using waiting = await createGateway(away.url, {}, framework);
    const response = await waiting.call(await away.sign());
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(response.headers.get('www-authenticate')).toBeNull();
    expect(await response.json()).toMatchObject({ error: 'temporarily_unavailable' });
  });
});
