import { describe, expect, it } from '@jest/globals';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const server = shared(startServer);

/** A web client on another origin, e.g. the inspector of the MCP project. */
const Origin = 'http://localhost:6274';

const open = [
  ['GET', '/.well-known/oauth-authorization-server/mcp'],
  ['GET', '/.well-known/openid-configuration'],
  ['GET', '/mcp/oauth/jwks'],
  ['POST', '/mcp/oauth/register'],
  ['PUT', '/mcp/oauth/register/dyn-any'],
  ['POST', '/mcp/oauth/token'],
  ['POST', '/mcp/oauth/revoke'],
] as const;

const closed = [
  ['GET', '/mcp/oauth/authorize'],
  ['GET', '/mcp/oauth/sign-out'],
  ['POST', '/mcp/oauth/interaction/any/sign-in'],
  ['POST', '/mcp/oauth/interaction/any/consent'],
] as const;

function preflight(method: string, path: string) {
  const headers = {
    Origin,
    'Access-Control-Request-Method': method,
    'Access-Control-Request-Headers': 'authorization, content-type, mcp-protocol-version',
  };
  return fetch(server.origin + path, { method: 'OPTIONS', headers });
}

describe('a script of another origin (R12)', () => {
  it.each(open)('may %s %s', async (method, path) => {
    const { status, headers } = await preflight(method, path);

    expect({ status, origin: headers.get('access-control-allow-origin') }).toEqual({ status: 204, origin: '*' });
    expect(headers.get('access-control-allow-methods')).toContain(method);
    for (const name of ['authorization', 'content-type', 'mcp-protocol-version', 'accept', 'dpop']) {
      expect(headers.get('access-control-allow-headers')).toContain(name);
    }
  });

  it.each(open)('may read the answer to %s %s, an error too', async (method, path) => {
    const { headers } = await fetch(server.origin + path, { method, headers: { Origin } });

    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('access-control-expose-headers')).toContain('WWW-Authenticate');
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  });

  it.each(closed)('may not %s %s, where a person decides', async (method, path) => {
    const [asked, answered] = await Promise.all([
      preflight(method, path),
      fetch(server.origin + path, { method, headers: { Origin } }),
    ]);

    for (const { headers } of [asked, answered]) expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});
