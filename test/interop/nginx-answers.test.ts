import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Connected, connect } from '../support/connect.ts';
import { type ProxiedServer, startBehindNginx } from '../support/nginx.ts';

/** What comes out of the nginx of the example, byte by byte; behind it a server that answers as the test says. */
let proxied: ProxiedServer;
let backend: Server;
let answer: (response: ServerResponse, request: IncomingMessage) => unknown;
let reached = 0;
let connected: Connected;
beforeAll(async () => {
  backend = createServer((request, response) => {
    reached += 1;
    answer(response, request);
  }).listen(0, '127.0.0.1');
  await once(backend, 'listening');
  proxied = await startBehindNginx((backend.address() as AddressInfo).port);
  connected = await connectTo('organization:read');
});
afterAll(async () => {
  await proxied.close();
  backend.closeAllConnections();
  backend.close();
});

const connectTo = (scope: string) => connect(proxied.server, { request: { resource: proxied.resource, scope } });
const metadataOf = (resource: string) => resource.replace('/mcp', '/.well-known/oauth-protected-resource/mcp');
const list = {
  'MCP-Protocol-Version': '2026-07-28',
  'Mcp-Method': 'tools/call',
  'Mcp-Name': 'list_projects',
};

function send(method: string, headers: Record<string, string> = {}, path = '/mcp'): Promise<Response> {
  const body = method === 'POST' ? { body: 'x'.repeat(100_000) } : {};
  return fetch(new URL(path, proxied.resource), { method, headers, ...body });
}

async function expectUnreached(ask: () => Promise<Response>): Promise<Response> {
  const before = reached;
  const response = await ask();
  expect(reached).toBe(before);
  return response;
}

const withToken = (token: string, headers = {}) => ({ authorization: `Bearer ${token}`, ...headers });

describe('nginx', () => {
  it.each(['GET', 'POST', 'DELETE'])('answers %s without a token by the complete challenge', async (method) => {
    const response = await expectUnreached(() => send(method, list));

    expect(response.status).toBe(401);
    // Once: `get` joins several by a comma, and this ends where it should.
    expect(response.headers.get('www-authenticate')).toBe(
      `Bearer resource_metadata="${metadataOf(proxied.resource)}", scope="organization:read project:read"`,
    );
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('access-control-expose-headers')).toContain('WWW-Authenticate');
    expect(await response.json()).toEqual({ error: 'unauthorized', error_description: 'An access token is required' });
  });

  it('answers an invalid token by its error', async () => {
    const response = await expectUnreached(() => send('POST', withToken('abc')));
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect(await response.json()).toMatchObject({ error: 'invalid_token' });
  });

  it('answers a missing permission by 403 with the challenge, which it does not hand on by itself', async () => {
    const response = await expectUnreached(() => send('POST', withToken(connected.accessToken, list)));

    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toBe(
      `Bearer resource_metadata="${metadataOf(proxied.resource)}", scope="organization:read project:read", ` +
        'error="insufficient_scope", error_description="The access token lacks a permission for this"',
    );
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(await response.json()).toMatchObject({ error: 'insufficient_scope' });
  });

  it('answers a preflight itself, which never carries a token', async () => {
    const response = await expectUnreached(() => send('OPTIONS', { 'Access-Control-Request-Method': 'POST' }));
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('access-control-allow-headers')).toContain('mcp-name');
  });

  it.each(['/.well-known/oauth-protected-resource/mcp', '/.well-known/oauth-protected-resource'])(
    'publishes at %s who issues tokens for the resource (RFC 9728 §3.1)',
    async (path) => {
      const response = await expectUnreached(() => send('GET', {}, path));
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
      expect(await response.json()).toMatchObject({
        resource: proxied.resource,
        authorization_servers: [proxied.server.issuer],
      });
    },
  );

  it('does not let anybody ask its question', async () => {
    expect((await expectUnreached(() => send('GET', withToken(connected.accessToken), '/_verify'))).status).toBe(404);
  });

  it.each(['/', '/mcp/', '/mcp/more', '/MCP', '/.well-known/oauth-authorization-server'])(
    'has nothing at %s',
    async (path) => {
      const response = await expectUnreached(() => send('GET', withToken(connected.accessToken), path));
      expect(response.status).toBe(404);
      expect(await response.json()).toEqual({ error: 'not_found' });
    },
  );

  it.each([
    ['an error', 500],
    ['a challenge of its own', 401],
    ['a refusal of its own', 403],
  ])('hands on what the server answers, be it %s', async (_name, status) => {
    answer = (response) => response.writeHead(status, { 'WWW-Authenticate': 'Custom' }).end('said by the server');
    const response = await send('GET', withToken(connected.accessToken));
    expect(response.status).toBe(status);
    expect(response.headers.get('www-authenticate')).toBe('Custom');
    expect(await response.text()).toBe('said by the server');
  });

  it('hands on every event of a stream when it comes', async () => {
    const arrivals = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    answer = async (response) => {
      // Its end is that of the connection, as with a server of HTTP/1.0: of such a stream nginx would fill a buffer first.
      response.useChunkedEncodingByDefault = false;
      response.writeHead(200, { 'Content-Type': 'text/event-stream', Connection: 'close' }).flushHeaders();
      for (const [index, { promise }] of arrivals.entries()) {
        response.write(`data: ${index}\n\n`);
        await promise;
      }
      response.end();
    };
    const { body } = await send('GET', withToken(connected.accessToken));

    // Each is sent only when the one before is here: a proxy that holds back would never finish.
    const events: string[] = [];
    for await (const event of body?.pipeThrough(new TextDecoderStream()) ?? []) {
      arrivals[events.push(event) - 1]?.resolve();
    }
    expect(events).toEqual(['data: 0\n\n', 'data: 1\n\n', 'data: 2\n\n']);
  });

  it('hands on a body that it did not show to anybody else', async () => {
    const { accessToken } = await connectTo('organization:read project:read project:create');
    answer = async (response, request) => response.end(String((await request.toArray()).join('').length));
    const response = await send('POST', withToken(accessToken));
    expect(await response.text()).toBe('100000');
  });

  it('says 503 while the authorization server is away, lets nothing pass, and clears no token', async () => {
    await proxied.server.close();

    const response = await expectUnreached(() => send('GET', withToken(connected.accessToken)));

    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(response.headers.get('www-authenticate')).toBeNull();
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual({ error: 'temporarily_unavailable' });
  });
});
