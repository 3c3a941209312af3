import { describe, expect, it } from '@jest/globals';
import { shared } from '../support/shared.ts';
import { answerOf, createGateway, FRAMEWORKS } from './gateway.ts';
import { createIssuer, METADATA, RESOURCE } from './issuer.ts';

const LINK = `resource_metadata="https://gateway.example${METADATA}/mcp"`;
const HINTED = 'project:read organization:read';
const HINTS = `${LINK}, scope="${HINTED}"`;
const refusal = (status: number, error: string, why: string, scope: string) => ({
  status,
  challenge: `Bearer ${LINK}, scope="${scope}", error="${error}", error_description="${why}"`,
  body: { error, error_description: why },
});
const invalid = (why = 'The access token is not valid') => refusal(401, 'invalid_token', why, HINTED);
const lacking = (scope: string) =>
  refusal(403, 'insufficient_scope', 'The access token lacks a permission for this', scope);

const issuer = shared(createIssuer);

describe.each(FRAMEWORKS)('a resource protected with %s', (framework) => {
  const gateway = shared(() =>
    createGateway(issuer.url, { challengeScopes: ['organization:read', 'offline_access'] }, framework),
  );

  it('lets a good token through and says who it is', async () => {
    const body = expect.objectContaining({ accountId: 'account-ada', organizationSlug: 'acme' });
    expect(await answerOf(await gateway.call(await issuer.sign()))).toMatchObject({ status: 200, body });
  });

  it.each(['GET', 'HEAD', 'POST', 'DELETE'])(
    'asks %s without a token to get one, with no error (RFC 6750 §3.1)',
    async (method) => {
      const answer = await answerOf(await gateway.request('/mcp', { method }));
      expect(answer).toMatchObject({ status: 401, challenge: `Bearer ${HINTS}` });
    },
  );

  it('says in the body what is missing', async () => {
    const response = await gateway.request('/mcp');
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await response.json()).toEqual({ error: 'unauthorized', error_description: 'An access token is required' });
  });

  const both = 'table:read project:read';
  const more = 'organization:read project:read project:create';
  const tables = { scope: 'table:read' };
  it.each<[string, Record<string, unknown>, string, object]>([
    ['a bad token with invalid_token, and no reason beyond that', { aud: 'https://other.example' }, '/mcp', invalid()],
    ['an expired token with a reason', { exp: 1_000_000_000 }, '/mcp', invalid('The access token expired')],
    ['a token without a scope that every request needs, asking for both', tables, '/mcp', lacking(both)],
    ['one route to who lacks its scope, naming what there is and what is missing', {}, '/projects', lacking(more)],
  ])('refuses %s', async (_what, claims, path, refusal) => {
    expect(await answerOf(await gateway.call(await issuer.sign(claims), path))).toEqual(refusal);
  });

  it('opens that route to who has the scope, also by a wildcard', async () => {
    expect((await gateway.call(await issuer.sign({ scope: 'project:*' }), '/projects')).status).toBe(200);
  });

  it.each([
    ['another scheme', { authorization: 'Basic YTpi' }, `Bearer ${HINTS}`],
    ['a scheme without a token', { authorization: 'Bearer ' }, `Bearer ${HINTS}`],
    ['two tokens', { authorization: 'Bearer a b' }, invalid().challenge],
  ])('refuses %s', async (_name, headers, challenge) => {
    expect(await answerOf(await gateway.request('/mcp', { headers }))).toMatchObject({ status: 401, challenge });
  });

  it('takes the scheme in any case (RFC 9110 §11.1), and no token from the URL (RFC 6750 §2.3)', async () => {
    const token = await issuer.sign();
    const lowerCase = await gateway.request('/mcp', { headers: { authorization: `bearer ${token}` } });
    const inUrl = await gateway.request(`/mcp?access_token=${token}`);
    expect([lowerCase.status, inUrl.status]).toEqual([200, 401]);
  });

  it.each([`${METADATA}/mcp`, METADATA])('publishes its metadata to anyone at %s (RFC 9728 §3)', async (path) => {
    const response = await gateway.request(path);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect([response.status, await response.json()]).toEqual([
      200,
      {
        resource: RESOURCE,
        authorization_servers: [issuer.url],
        scopes_supported: ['project:read', 'organization:read'],
        bearer_methods_supported: ['header'],
      },
    ]);
  });

  it('does not publish metadata of a resource that it is not', async () => {
    expect((await gateway.request(`${METADATA}/other`)).status).toBe(404);
    expect((await gateway.request(METADATA, { method: 'POST' })).status).toBe(405);
  });

  /** What a web client may send, as the answer to its preflight says. */
  async function preflight(headers: Record<string, string>, path = '/mcp') {
    const { status, headers: said } = await gateway.request(path, { method: 'OPTIONS', headers });
    return { status, said, names: said.get('access-control-allow-headers')?.split(', ') ?? [] };
  }

  it.each(['/mcp', `${METADATA}/mcp`])('answers the preflight of a web client at %s', async (path) => {
    const { status, said, names } = await preflight({ origin: 'http://localhost:6274' }, path);
    expect([status, said.get('access-control-allow-origin')]).toEqual([204, '*']);
    const sent = ['authorization', 'content-type', 'mcp-protocol-version', 'accept'];
    expect(names).toEqual(expect.arrayContaining(sent));
  });

  it.each([
    ['X-Api-Key, x-trace-id', ['x-api-key', 'x-trace-id'], []],
    ['Authorization,X-A', ['authorization', 'x-a'], []],
    ['*', ['*', 'authorization'], []],
    ['bad name, x\u00e9, a"b, <b>', [], ['bad name', 'a"b', '<b>']],
    [Array.from({ length: 60 }, (_, n) => `x-${n}`).join(), ['x-0', 'x-48'], ['x-50', 'x-59']],
  ])('allows the headers that a preflight asks for, if they are names: %s (R97)', async (asked, allowed, refused) => {
    const { said, names } = await preflight({ 'access-control-request-headers': asked });
    expect(names).toEqual(expect.arrayContaining(['mcp-protocol-version', ...allowed]));
    for (const name of refused) expect(names).not.toContain(name);
    expect(names).toHaveLength(new Set(names).size);
    expect(said.get('vary')).toBe('Access-Control-Request-Headers');
  });

  it('lets a web client read the challenge and the answer', async () => {
    for (const { headers } of [await gateway.request('/mcp'), await gateway.call(await issuer.sign())]) {
      expect(headers.get('access-control-allow-origin')).toBe('*');
      expect(headers.get('access-control-expose-headers')).toContain('WWW-Authenticate');
    }
  });

  it('answers 503 when the keys cannot be fetched, for the token may be perfect', async () => {
    await using away = await createIssuer();
    away.trouble = 503;
    await using waiting = await createGateway(away.url, {}, framework);
    const response = await waiting.call(await away.sign());
    const body = expect.objectContaining({ error: 'temporarily_unavailable' });
    expect(response.headers.get('retry-after')).toBe('5');
    expect(await answerOf(response)).toEqual({ status: 503, challenge: null, body });
  });
});
