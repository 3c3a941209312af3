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
  body: new URLSearchParams(members()).toString(),
});
const get = () => ({});
const me = () => ({ client_id: connected.client.clientId });
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
  [
    'registration',
    'POST',
    '/mcp/oauth/register',
    () => ({ headers: { 'Content-Type': 'application/json' }, body }),
    201,
  ],
  ['registration', 'POST', '/mcp/oauth/register', () => ({ headers: { 'Content-Type': 'text/plain' }, body }), 400],
  ['guessed registration', 'POST', '/register', () => ({ headers: { 'Content-Type': 'text/plain' }, body }), 400],
  ['guessed token', 'POST', '/token', form(() => ({ ...me(), ...renewal(), refresh_token: 'wrong' })), 400],
  ['metadata for proxies', 'GET', '/mcp/oauth/protected-resource', get, 200],
  ['client configuration', 'GET', management, bearer(managed), 200],
  ['client configuration', 'GET', management, bearer(() => 'wrong'), 401],
  ['userinfo', 'GET', '/mcp/oauth/userinfo', bearer(() => 'wrong'), 401],
  ['token', 'POST', '/mcp/oauth/token', form(() => ({ ...me(), ...renewal() })), 200],
  ['token', 'POST', '/mcp/oauth/token', form(() => ({ ...me(), ...renewal(), refresh_token: 'wrong' })), 400],
  ['introspection', 'POST', '/mcp/oauth/introspect', form(() => ({ ...me(), token: connected.refreshToken })), 200],
  ['revocation', 'POST', '/mcp/oauth/revoke', form(() => ({ ...me(), token: connected.refreshToken })), 200],
];

const renewal = () => ({ grant_type: 'refresh_token', refresh_token: connected.refreshToken });

/** Where a person decides, or the browser is sent to a person. */
const closed: readonly (readonly [string, string])[] = [
  ['GET', '/mcp/oauth/authorize'],
  ['GET', '/authorize'],
  ['GET', '/mcp/oauth/sign-out'],
  ['GET', '/mcp/oauth/interaction/any'],
  ['POST', '/mcp/oauth/interaction/any/sign-in'],
  ['POST', '/mcp/oauth/interaction/any/consent'],
  ['POST', '/mcp/oauth/interaction/any/decline'],
  ['GET', '/mcp/oauth/account'],
  ['POST', '/mcp/oauth/account'],
  ['GET', '/nowhere'],
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

    expect({ status, origin: headers.get('access-control-allow-origin') }).toEqual({ status: 204, origin: '*' });
    expect(namesIn(headers, 'access-control-allow-methods')).toContain(method.toLowerCase());
    const needed = ['authorization', 'content-type', 'mcp-protocol-version', 'accept', 'dpop'];
    expect(namesIn(headers, 'access-control-allow-headers')).toEqual(expect.arrayContaining(needed));
  });

  // What the kit answers for is the gateway's.
  const isOurs = name !== 'MCP server';
  if (isOurs)
    it('send headers that a person made up (R97)', async () => {
      const { headers } = await preflight(method, path(), 'content-type,X-Api-Key,cf-access-client-id');

      expect(namesIn(headers, 'access-control-allow-headers')).toEqual(
        expect.arrayContaining(['content-type', 'x-api-key', 'cf-access-client-id']),
      );
      expect(headers.get('vary')).toContain('Access-Control-Request-Headers');
    });

  it(`read the answer ${expected} and its challenge, without cookies (R12)`, async () => {
    const { headers: sent, ...request } = init();
    const { status, headers } = await fetch(server.origin + path(), {
      method,
      ...request,
      headers: { ...sent, Origin },
    });

    expect({ status, origin: headers.get('access-control-allow-origin') }).toEqual({ status: expected, origin: '*' });
    expect(namesIn(headers, 'access-control-expose-headers')).toContain('www-authenticate');
    expect(headers.get('access-control-allow-credentials')).toBeNull();
    expect(headers.getSetCookie()).toEqual([]);
  });
});

describe.each(closed)('%s %s', (method, path) => {
  it('is for browsers with a person only: no script of another origin may ask or read (R12)', async () => {
    const asked = await preflight(method, path);
    const answered = await fetch(server.origin + path, { method, headers: { Origin }, redirect: 'manual' });

    for (const { headers } of [asked, answered]) {
      expect(headers.get('access-control-allow-origin')).toBeNull();
      expect(headers.get('access-control-allow-headers')).toBeNull();
    }
  });
});

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
