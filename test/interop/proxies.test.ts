import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { connect } from '../support/connect.ts';
import { listening } from '../support/listening.ts';
import { type ProxyName, startBehind } from '../support/proxies.ts';
import { shared } from '../support/shared.ts';

/** What comes out of the proxies of the examples, byte by byte; behind them a server that answers as the test says. */
let answer: (response: ServerResponse, request: IncomingMessage) => unknown;
let reached = 0;
const backend = shared(() =>
  listening((request, response) => {
    reached += 1;
    answer(response, request);
  }),
);

const calling = (tool: string, revision = '2026-07-28') => ({
  'MCP-Protocol-Version': revision,
  'Mcp-Method': 'tools/call',
  'Mcp-Name': tool,
});
const list = calling('list_projects');
const { 'MCP-Protocol-Version': _, ...ofNoRevision } = list;
const ofOlder = calling('x', '2025-11-25');
const get = { 'X-Original-Method': 'GET', 'X-Forwarded-Method': 'GET' };
const readable = { 'access-control-allow-origin': '*' };

const granted = 'organization:read project:read';
const lacking = [
  `scope="${granted} project:create", error="insufficient_scope", ` +
    'error_description="The access token lacks a permission for this"',
  'insufficient_scope',
] as const;
const invalid = (why: string, scope: string) =>
  [`scope="${scope}", error="invalid_token", error_description="${why}"`, 'invalid_token'] as const;
const anonymous = [`scope="${granted}"`, 'unauthorized'] as const;
const anything = `${granted} project:create`;

/** What is sent, and the challenge and the error that answer it. */
type Refusal = readonly [string, Sent, number, readonly [string, string]];
const refusals: readonly Refusal[] = [
  ['GET without a token', { method: 'GET', token: '', headers: list }, 401, anonymous],
  ['POST without a token', { token: '', headers: list }, 401, anonymous],
  ['DELETE without a token', { method: 'DELETE', token: '', headers: list }, 401, anonymous],
  ['an invalid token', { token: 'abc' }, 401, invalid('The access token is not valid', anything)],
  ['a missing permission', { headers: calling('create_project') }, 403, lacking],
  // Where the server behind would not notice that the body calls another tool.
  ['a harmless name at an older revision', { headers: calling('list_projects', '2025-11-25') }, 403, lacking],
  ['a harmless name at no revision', { headers: ofNoRevision }, 403, lacking],
  ['a method that the request does not have', { headers: get }, 403, lacking],
  ['a method it does not have, at an older revision', { headers: { ...ofOlder, ...get } }, 403, lacking],
];

interface Sent extends RequestInit {
  /** Instead of a valid one. */
  readonly token?: string;
  readonly headers?: Record<string, string>;
  readonly path?: string;
}

const preflight = (method: string): Sent => ({
  method: 'OPTIONS',
  token: '',
  headers: { 'Access-Control-Request-Method': method },
});

async function read(response: Response) {
  return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
}

const nothingAt = ['/', '/mcp/more', '/mcp/more/', '/.well-known/oauth-authorization-server'];
const proxies: readonly { name: ProxyName; whileAway: object; nothingAt: readonly string[] }[] = [
  {
    name: 'nginx',
    whileAway: {
      status: 503,
      headers: { 'retry-after': '5', 'content-type': 'application/json', ...readable },
      body: '{"error":"temporarily_unavailable"}',
    },
    nothingAt: [...nothingAt, '/MCP'],
  },
  // To it `/MCP` is `/mcp`, of which it asks alike.
  { name: 'Caddy', whileAway: { status: 502, body: '' }, nothingAt },
];

describe.each(proxies)('$name', ({ name, whileAway, nothingAt }) => {
  const proxied = shared(() => startBehind(name, Number(new URL(backend.origin).port)));
  const connectAgain = () => connect(proxied.server, { request: { resource: proxied.resource, scope: granted } });
  const connected = shared(connectAgain);

  function send({ path = '/mcp', method = 'POST', headers, token = connected.accessToken, ...init }: Sent) {
    const body = method === 'POST' ? { body: 'x'.repeat(100_000) } : {};
    const sent = { ...headers, ...(token && { authorization: `Bearer ${token}` }) };
    return fetch(new URL(path, proxied.resource), { method, headers: sent, ...body, ...init });
  }

  /** The answer of the proxy or of the authorization server: the server behind was not reached. */
  async function refused(sent: Sent) {
    const before = reached;
    const answered = await read(await send(sent));
    expect(reached).toBe(before);
    return answered;
  }

  /** The same question, put to the authorization server itself. */
  async function refusedDirectly({ method = 'POST', headers, token = connected.accessToken }: Sent) {
    const sent = { ...headers, 'X-Original-Method': method, ...(token && { authorization: `Bearer ${token}` }) };
    const url = `${proxied.server.issuer}/oauth/verify?resource=${encodeURIComponent(proxied.resource)}`;
    return read(await fetch(url, { headers: sent }));
  }

  it.each(refusals)(
    'answers %s by the complete challenge, which is that of the direct question',
    async (_name, sent, status, [challenge, error]) => {
      const refusal = await refused(sent);
      const metadata = proxied.resource.replace('/mcp', '/.well-known/oauth-protected-resource/mcp');
      const expected = {
        status,
        headers: {
          // Once: several are joined by a comma, and this ends where it should.
          'www-authenticate': `Bearer resource_metadata="${metadata}", ${challenge}`,
          'content-type': 'application/json',
          'cache-control': 'no-store',
          'access-control-expose-headers': expect.stringContaining('WWW-Authenticate'),
          ...readable,
        },
        body: refusal.body,
      };
      expect(refusal).toMatchObject(expected);
      expect(await refusedDirectly(sent)).toMatchObject(expected);
      expect(JSON.parse(refusal.body)).toEqual({ error, error_description: expect.any(String) });
    },
  );

  it('refuses the token of a connection that was revoked', async () => {
    const { client, accessToken: token, refreshToken } = await connectAgain();
    await client.post('revoke', { token: refreshToken });
    const headers = { 'www-authenticate': expect.stringContaining('error="invalid_token"') };
    expect(await refused({ token, headers: list })).toMatchObject({ status: 401, headers });
  });

  it('answers a preflight itself, which never carries a token', async () => {
    expect(await refused(preflight('POST'))).toMatchObject({
      status: 204,
      headers: { ...readable, 'access-control-allow-headers': expect.stringContaining('mcp-name') },
    });
  });

  it.each(['/.well-known/oauth-protected-resource/mcp', '/.well-known/oauth-protected-resource'])(
    'publishes at %s who issues tokens for the resource (RFC 9728 §3.1), and answers its preflight',
    async (path) => {
      const { headers, body } = await refused({ method: 'GET', token: '', path });
      expect(headers).toMatchObject(readable);
      expect(JSON.parse(body)).toMatchObject({
        resource: proxied.resource,
        authorization_servers: [proxied.server.issuer],
      });
      expect((await refused({ ...preflight('GET'), path })).status).toBe(204);
    },
  );

  it.each(['/mcp/', '/mcp?read_only=true', '/mcp/?a=b'])(
    'takes %s for the resource, leads to metadata that say so, and hands on its path (RFC 9728 §3.3)',
    async (path) => {
      const { headers } = await refused({ path, token: '', headers: list });
      const [, url = ''] = /resource_metadata="([^"]+)"/.exec(headers['www-authenticate'] ?? '') ?? [];
      const metadata = await refused({ method: 'GET', token: '', path: url });
      expect(JSON.parse(metadata.body)).toMatchObject({ resource: proxied.resource.replace('/mcp', path) });

      answer = (response, request) => response.end(request.url);
      expect(await (await send({ path, headers: list })).text()).toBe(path.replace('/mcp/', '/mcp'));
    },
  );

  it.each(nothingAt)('has nothing at %s', async (path) => {
    expect(await refused({ method: 'GET', path })).toMatchObject({ status: 404, body: '{"error":"not_found"}' });
  });

  it('does not let anybody ask its question', async () => {
    expect((await refused({ method: 'GET', path: '/_verify' })).status).toBe(404);
  });

  it.each([
    ['an error', 500],
    ['a challenge of its own', 401],
    ['a refusal of its own', 403],
  ])('hands on what the server answers, be it %s', async (_name, status) => {
    answer = (response) => response.writeHead(status, { 'WWW-Authenticate': 'Custom' }).end('said by the server');
    const headers = expect.objectContaining({ 'www-authenticate': 'Custom' });
    expect(await read(await send({ method: 'GET' }))).toEqual({ status, headers, body: 'said by the server' });
  });

  it('tells the server who is asking, whatever the client says, hands on the body, and keeps the token', async () => {
    answer = async (response, request) =>
      response.end(JSON.stringify({ ...request.headers, size: (await request.toArray()).join('').length }));
    const { claims } = connected;
    const identity = {
      'x-account-id': claims.sub,
      'x-organization-id': claims.org_id,
      'x-organization-slug': 'acme',
      'x-organization-role': 'owner',
      'x-scopes': granted,
      'x-connection-id': claims.grant_id,
    };
    const alike = ['-', '_', '.'].flatMap((mark) => Object.keys(identity).map((name) => name.replaceAll('-', mark)));
    const forged = Object.fromEntries(alike.map((name) => [name, 'forged']));

    const headers = await (await send({ headers: { ...list, ...forged } })).json();

    expect(headers).toMatchObject({ ...identity, size: 100_000 });
    expect(JSON.stringify(headers)).not.toMatch(/forged|"authorization"/);
  });

  it('lets no client choose the resource', async () => {
    const path = `/mcp?resource=${encodeURIComponent('https://other.example/mcp')}`;
    answer = (response, request) => response.end(request.url);
    expect(await (await send({ path, headers: list })).text()).toBe(path);
    expect((await refused({ path, token: '' })).status).toBe(401);
  });

  it('hands on every event of a stream when it comes, and that nobody listens any more', async () => {
    const { promise: left, resolve: leave } = Promise.withResolvers<unknown>();
    const arrivals = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    answer = async (response, request) => {
      request.once('close', leave);
      // Its end is that of the connection, as with a server of HTTP/1.0: of such a stream nginx would fill a buffer first.
      response.useChunkedEncodingByDefault = false;
      response.writeHead(200, { 'Content-Type': 'text/event-stream', Connection: 'close' }).flushHeaders();
      for (const [index, { promise }] of arrivals.entries()) {
        response.write(`data: ${index}\n\n`);
        await promise;
      }
    };
    const reader = new AbortController();
    const { body } = await send({ method: 'GET', signal: reader.signal });

    // Each is sent only when the one before is here: a proxy that holds back would never finish.
    const events: string[] = [];
    for await (const event of body?.pipeThrough(new TextDecoderStream()) ?? []) {
      arrivals[events.push(event) - 1]?.resolve();
      if (events.length === arrivals.length) break;
    }
    reader.abort();

    expect(events).toEqual(['data: 0\n\n', 'data: 1\n\n', 'data: 2\n\n']);
    await left;
  });

  it('lets nothing pass while the authorization server is away, and clears no token', async () => {
    await proxied.server.close();
    const refusal = await refused({ method: 'GET' });
    expect(refusal).toMatchObject(whileAway);
    expect(refusal.headers).not.toHaveProperty('www-authenticate');
  });
});
