import { describe, expect, it } from '@jest/globals';
import { createPlainBrowser } from '../support/browser-without-a-screen.ts';
import { connect } from '../support/connect.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

/** Where the MCP Inspector runs in a browser. */
const Origin = 'http://localhost:6274';

const server = shared(() => startServer({ demonstration: true }));
const connected = shared(() => connect(server));

const form = (members: () => Record<string, string>) => () => ({
  headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams({ client_id: connected.client.clientId, ...members() }).toString(),
});
const get = () => ({});
const got = (path: string) => ['GET', path] as const;
const posted = (type: string) => () => ({ headers: { 'Content-Type': type }, body });
const renewal = (refresh_token: string) => ({ grant_type: 'refresh_token', refresh_token });
const token = () => ({ token: connected.refreshToken });
const bearer = (token: () => string) => () => ({ headers: { Authorization: `Bearer ${token()}` } });
const managed = () => String(connected.client.registration.registration_access_token);
const management = () => `/mcp/oauth/register/${connected.client.clientId}`;
const body = JSON.stringify({ client_name: 'A tool', redirect_uris: ['http://localhost:6274/oauth/callback'] });

/** What a script of another origin needs: the endpoint, the request that it answers well, and how. */
const open: readonly (readonly [string, string, string | (() => string), () => RequestInit, number])[] = [
  ['metadata', 'GET', '/.well-known/oauth-authorization-server', get, 200],
  ['metadata', 'GET', '/.well-known/oauth-authorization-server/mcp', get, 200],
  ['metadata', 'GET', '/.well-known/openid-configuration', get, 200],
  ['metadata', 'GET', '/.well-known/openid-configuration/mcp', get, 200],
  ['metadata', 'GET', '/mcp/.well-known/openid-configuration', get, 200],
  ['metadata', 'GET', '/mcp/.well-known/oauth-authorization-server', get, 200],
  ['keys', 'GET', '/mcp/oauth/jwks', get, 200],
  ['resource metadata', 'GET', '/.well-known/oauth-protected-resource', get, 200],
  ['resource metadata', 'GET', '/.well-known/oauth-protected-resource/mcp', get, 200],
  ['MCP server', 'POST', '/mcp', get, 401],
  ['registration', 'POST', '/mcp/oauth/register', posted('application/json'), 201],
  ['registration', 'POST', '/mcp/oauth/register', posted('text/plain'), 400],
  ['guessed registration', 'POST', '/register', posted('text/plain'), 400],
  ['guessed token', 'POST', '/token', form(() => renewal('wrong')), 400],
  ['metadata for proxies', 'GET', '/mcp/oauth/protected-resource', get, 200],
  ['client configuration', 'GET', management, bearer(managed), 200],
  ['client configuration', 'GET', management, bearer(() => 'wrong'), 401],
  ['userinfo', 'GET', '/mcp/oauth/userinfo', bearer(() => 'wrong'), 401],
  ['token', 'POST', '/mcp/oauth/token', form(() => renewal(connected.refreshToken)), 200],
  ['token', 'POST', '/mcp/oauth/token', form(() => renewal('wrong')), 400],
  ['introspection', 'POST', '/mcp/oauth/introspect', form(token), 200],
  ['revocation', 'POST', '/mcp/oauth/revoke', form(token), 200],
];

/** Where a person decides, or the browser is sent to a person. */
const closed = [
  ...['/mcp/oauth/authorize', '/authorize', '/mcp/oauth/sign-out', '/mcp/oauth/interaction/any'].map(got),
  ...['sign-in', 'consent', 'decline'].map((form) => ['POST', `/mcp/oauth/interaction/any/${form}`] as const),
  ...['/mcp/oauth/account', '/nowhere'].map(got),
  ['POST', '/mcp/oauth/account'] as const,
];

const usual = 'authorization,content-type,mcp-protocol-version,accept,dpop';

function preflight(method: string, path: string, asked = usual): Promise<Response> {
  const headers = { Origin, 'Access-Control-Request-Method': method, 'Access-Control-Request-Headers': asked };
  return fetch(server.origin + path, { method: 'OPTIONS', headers });
}

describe.each(open)('the %s endpoint lets a script of another origin %s %s', (name, method, where, init, expected) => {
  const path = () => (typeof where === 'string' ? where : where());

  it('ask first, and answers 204 (R12)', async () => {
    const { status, headers } = await preflight(method, path());

    expect([status, headers.get('access-control-allow-origin')]).toEqual([204, '*']);
    expect(namesIn(headers, 'access-control-allow-methods')).toContain(method.toLowerCase());
    expect(namesIn(headers, 'access-control-allow-headers')).toEqual(expect.arrayContaining(usual.split(',')));
  });

  // What the kit answers for is the gateway's.
  const isOurs = name !== 'MCP server';
  if (isOurs)
    it('send headers that a person made up (R97)', async () => {
      const theirs = ['content-type', 'x-api-key', 'cf-access-client-id'];
      const { headers } = await preflight(method, path(), theirs.join(',').replace('x-api', 'X-Api'));

      expect(namesIn(headers, 'access-control-allow-headers')).toEqual(expect.arrayContaining(theirs));
      expect(headers.get('vary')).toContain('Access-Control-Request-Headers');
    });

  it(`read the answer ${expected} and its challenge, without cookies (R12)`, async () => {
    const request = init();
    const withOrigin = { method, ...request, headers: { ...request.headers, Origin } };
    const { status, headers } = await fetch(server.origin + path(), withOrigin);

    expect([status, headers.get('access-control-allow-origin')]).toEqual([expected, '*']);
    expect(namesIn(headers, 'access-control-expose-headers')).toContain('www-authenticate');
    expect(headers.get('access-control-allow-credentials')).toBeNull();
    expect(headers.getSetCookie()).toEqual([]);
  });
});

it.each(closed)(
  '%s %s is for browsers with a person only: no script of another origin may ask or read (R12)',
  async (method, path) => {
    const asked = await preflight(method, path);
    const answered = await fetch(server.origin + path, { method, headers: { Origin }, redirect: 'manual' });

    for (const { headers } of [asked, answered]) {
      expect(headers.get('access-control-allow-origin')).toBeNull();
      expect(headers.get('access-control-allow-headers')).toBeNull();
    }
  },
);

it('a page of a flow that has begun is for its browser only (R12)', async () => {
  const { url } = connected.client.authorizationRequest();
  const page = await createPlainBrowser(server.origin).open(url.href);
  const { pathname } = page.url;

  expect(page.headers.get('access-control-allow-origin')).toBeNull();
  expect((await preflight('POST', `${pathname}/sign-in`)).headers.get('access-control-allow-origin')).toBeNull();
});

it('names that are none are not repeated (R97)', async () => {
  const { headers } = await preflight('POST', '/mcp/oauth/token', 'x y, a:b, "quoted", , (c), ok');

  expect(namesIn(headers, 'access-control-allow-headers')).toEqual([...usual.split(','), 'ok']);
});

function namesIn(headers: Headers, name: string): string[] {
  return (headers.get(name) ?? '').split(',').map((each) => each.trim().toLowerCase());
}
