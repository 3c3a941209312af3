import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Connected, connect } from '../support/connect.ts';
import { changedPolicy } from '../support/policy.ts';
import { freePort } from '../support/redis.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** The Caddyfile of the example in a real Caddy; behind it a server that answers as the test says. */
const started = new AsyncDisposableStack();
let resource: string;
let server: TestServer;
let connected: Connected;
let token: string;
let answer: (response: ServerResponse, request: IncomingMessage) => unknown;
let reached = 0;

const read = (path: string) => readFileSync(new URL(`../../examples/${path}`, import.meta.url), 'utf8');

beforeAll(async () => {
  const port = await freePort();
  resource = `http://localhost:${port}/mcp`;
  const { resources, roles } = JSON.parse(read('nginx/auth.json'));
  using policy = changedPolicy({ resources: [{ ...resources[0], uri: resource }], roles });
  server = started.use(await startServer({ env: policy.env }));
  const addresses = {
    'localhost:8080': `localhost:${port}`,
    'localhost%3A8080': `localhost%3A${port}`,
    '127.0.0.1:3000': `127.0.0.1:${new URL(server.origin).port}`,
    '127.0.0.1:4000': `127.0.0.1:${await startBackend()}`,
  };
  await startCaddy(addresses);
  connected = await connect(server, { request: { resource, scope: 'organization:read project:read' } });
  token = connected.accessToken;
});
afterAll(() => started.disposeAsync());

async function startBackend(): Promise<number> {
  const backend = createServer((request, response) => {
    reached += 1;
    answer(response, request);
  });
  started.defer(() => backend.close().closeAllConnections());
  await once(backend.listen(0, '127.0.0.1'), 'listening');
  return (backend.address() as AddressInfo).port;
}

/** In a folder of its own, and without the door of its administrator; resolves when it listens. */
async function startCaddy(addresses: Record<string, string>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'caddy-'));
  started.defer(() => rmSync(folder, { recursive: true, force: true }));
  let caddyfile = read('proxies/caddy/Caddyfile');
  for (const [shipped, own] of Object.entries(addresses)) caddyfile = caddyfile.replaceAll(shipped, own);
  const env = { PATH: process.env.PATH, HOME: folder };
  const child = spawn('caddy', ['run', '--adapter', 'caddyfile', '--config', '-'], { env });
  const closed = once(child, 'close');
  // Asked to end it would wait for open streams.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  started.defer(async () => {
    process.off('exit', kill);
    kill();
    await closed;
  });
  child.stdin.end(`{\n\tadmin off\n}\n${caddyfile}`);
  let said = '';
  for await (const part of child.stderr.iterator({ destroyOnReturn: false })) {
    said += part;
    if (said.includes('serving initial configuration')) return void child.stderr.resume();
  }
  throw new Error(`Caddy ended:\n${said}`);
}

const call = { 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'tools/call' };
const calling = (tool: string) => ({ ...call, 'Mcp-Name': tool });

type Sent = RequestInit & { token?: string; headers?: Record<string, string>; path?: string };

function send({ token, headers, path = '', method = 'POST', ...init }: Sent = {}): Promise<Response> {
  const body = method === 'POST' ? { body: 'x'.repeat(100_000) } : {};
  const sent = { ...headers, ...(token && { authorization: `Bearer ${token}` }) };
  return fetch(new URL(path, resource), { method, headers: sent, ...body, ...init });
}

async function expectUnreached(ask: () => Promise<Response>): Promise<Response> {
  const before = reached;
  const response = await ask();
  expect(reached).toBe(before);
  return response;
}

const metadata = '/.well-known/oauth-protected-resource';
const challenge = () =>
  `resource_metadata="${resource.replace('/mcp', `${metadata}/mcp`)}", scope="organization:read project:read`;

describe('Caddy', () => {
  it('answers a request without a token by the complete challenge', async () => {
    const response = await expectUnreached(() => send({ headers: calling('whoami') }));
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe(`Bearer ${challenge()}"`);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(await response.json()).toMatchObject({ error: 'unauthorized' });
  });

  it('answers a missing permission by the challenge that names it', async () => {
    const response = await expectUnreached(() => send({ token, headers: calling('create_project') }));

    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toContain(`${challenge()} project:create"`);
    expect(await response.json()).toMatchObject({ error: 'insufficient_scope' });
  });

  it('tells the server who is asking, whatever the client says, and keeps the token', async () => {
    answer = async (response, request) =>
      response.end(JSON.stringify({ ...request.headers, size: (await request.toArray()).join('').length }));
    const { claims } = connected;
    const identity = {
      'x-account-id': claims.sub,
      'x-organization-id': claims.org_id,
      'x-organization-slug': 'acme',
      'x-organization-role': 'owner',
      'x-scopes': 'organization:read project:read',
      'x-connection-id': claims.grant_id,
    };
    const alike = ['-', '_', '.'].flatMap((mark) => Object.keys(identity).map((name) => name.replaceAll('-', mark)));
    const forged = Object.fromEntries(alike.map((name) => [name, 'forged']));

    const headers = await (await send({ token, headers: { ...calling('whoami'), ...forged } })).json();

    expect(headers).toMatchObject({ ...identity, size: 100_000 });
    expect(JSON.stringify(headers)).not.toMatch(/forged|"authorization"/);
  });

  it('is not deceived by a method that the request does not have', async () => {
    const headers = { 'X-Original-Method': 'GET', 'X-Forwarded-Method': 'GET' };
    expect((await expectUnreached(() => send({ token, headers }))).status).toBe(403);
  });

  it('lets no client choose the resource', async () => {
    const path = `?resource=${encodeURIComponent('https://other.example/mcp')}`;
    answer = (response, request) => response.end(request.url);
    expect(await (await send({ token, path, headers: calling('whoami') })).text()).toBe(`/mcp${path}`);
    expect((await expectUnreached(() => send({ path }))).status).toBe(401);
  });

  it('hands on every event of a stream when it comes, and that nobody listens any more', async () => {
    const { promise: left, resolve: leave } = Promise.withResolvers<unknown>();
    const arrivals = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    answer = async (response, request) => {
      request.once('close', leave);
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      for (const [index, { promise }] of arrivals.entries()) {
        response.write(`data: ${index}\n\n`);
        await promise;
      }
    };
    const reader = new AbortController();
    const { body } = await send({ method: 'GET', token, signal: reader.signal });

    // The second is sent only when the first is here: a proxy that holds back would never finish.
    const events: string[] = [];
    for await (const event of body?.pipeThrough(new TextDecoderStream()) ?? []) {
      arrivals[events.push(event) - 1]?.resolve();
      if (events.length === arrivals.length) break;
    }
    reader.abort();

    expect(events).toEqual(['data: 0\n\n', 'data: 1\n\n']);
    await left;
  });

  it.each([metadata, `${metadata}/mcp`])(
    'publishes at %s who issues tokens for the resource, and answers its preflight',
    async (path) => {
      const response = await expectUnreached(() => send({ method: 'GET', path }));
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
      expect(await response.json()).toMatchObject({ resource, authorization_servers: [server.issuer] });
      expect((await send({ method: 'OPTIONS', path })).status).toBe(204);
    },
  );

  it('answers a preflight itself, and has nothing elsewhere', async () => {
    const preflight = await expectUnreached(() => send({ method: 'OPTIONS' }));
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
    expect((await expectUnreached(() => send({ token, path: '/mcp/more' }))).status).toBe(404);
  });

  it('refuses the token of a connection that was revoked', async () => {
    const { client, refreshToken } = connected;
    await client.post('revoke', { token: refreshToken });
    const response = await expectUnreached(() => send({ token, headers: calling('whoami') }));
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });
});
