import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { SignJWT, UnsecuredJWT } from 'jose';
import { CLAIMS, createIssuer } from '../gateway/issuer.ts';
import { follow } from '../support/child-output.ts';
import { eventually, untilListening } from '../support/eventually.ts';
import { findPython } from '../support/python.ts';
import { freePort } from '../support/redis.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { install } from './client-lab.ts';
import { client2Tool } from './mcp-client-2.ts';
import { createSdk1Tool } from './mcp-sdk-1.ts';
import type { CreateTool } from './tool.ts';

/** The programs of docs/gateways.md as they stand, where there is a Python that can run them. */
const python = findPython();
const describeWithPython = python ? describe : describe.skip;
const programs = ['official.py', 'fast.py'];
const page = readFileSync('docs/gateways.md', 'utf8');

async function startGateway(program: string, issuer: string, port: number) {
  if (!python) throw new Error('there is no Python');
  const folder = mkdtempSync(join(tmpdir(), 'gateway-'));
  for (const [, code = '', name = ''] of page.matchAll(/```python\n(# (\S+\.py)\n[\s\S]*?)```/g)) {
    writeFileSync(join(folder, name), code);
  }
  const resource = `http://localhost:${port}/mcp`;
  const env = { ...python.env, ISSUER: issuer, RESOURCE: resource, PORT: String(port) };
  const child = spawn(python.command, [program], { cwd: folder, env });
  const ended = once(child, 'close');
  const { output } = follow(child);
  await untilListening(new URL(resource), child).catch(() => {
    throw new Error(output.stdout + output.stderr);
  });
  return {
    resource,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Tokens that end soon: Python has a clock of its own. */
async function startIssuer(port: number) {
  const example = JSON.parse(readFileSync('examples/nginx/auth.json', 'utf8'));
  const [{ name, scopes }] = example.resources;
  const uri = `http://localhost:${port}/mcp`;
  const lifetimes = { accessToken: 4, refreshGrace: 2 };
  const resources = [{ uri, name, defaultScopes: ['project:read'], scopes }];
  return await startServer({ policy: { resources, roles: example.roles, lifetimes } });
}

const { status: ofGofmt } = spawnSync('gofmt', { input: '' });
(ofGofmt === 0 ? it : it.skip)('the program in Go is written as Go writes it (needs gofmt)', () => {
  const [, program = ''] = /```go\n([\s\S]*?)```/.exec(page) ?? [];
  expect(spawnSync('gofmt', { input: program, encoding: 'utf8' })).toMatchObject({ stdout: program, stderr: '' });
});

const revisions: [string, CreateTool][] = [
  ['the MCP SDK 1.x', createSdk1Tool],
  ['the MCP client 2.x, at the newest revision', client2Tool('auto')],
];

describeWithPython.each(programs)('%s of docs/gateways.md (needs Python with mcp, fastmcp and pyjwt)', (program) => {
  const place = shared(async () => ({ port: await freePort() }));
  const server = shared(() => startIssuer(place.port));
  const gateway = shared(() => startGateway(program, server.issuer, place.port));

  it.each(revisions)('connects %s from the 401 to the renewal', async (_name, create) => {
    await using installed = install({ create }, server, { url: gateway.resource });
    const { tool, browser, wire } = installed;

    const first = await tool.call('whoami');
    expect(first).toEqual({ account: expect.any(String), organization: 'acme' });
    expect(browser.visits[0]?.searchParams.get('scope')).toContain('project:read');
    expect(wire.answers.find((answer) => answer.startsWith('POST'))).toBe('POST /mcp 401');

    await eventually(async () => {
      expect(await tool.call('whoami')).toEqual(first);
      return wire.count('POST /mcp/oauth/token 200') > 1;
    });
    expect(wire.count('POST /mcp 401 invalid_token')).toBeGreaterThan(0);
    expect(browser.visits).toHaveLength(1);
  });

  it('asks the person of a tool for one more permission, which is then there', async () => {
    await using installed = install({ create: client2Tool('auto') }, server, { url: gateway.resource });
    const { tool, browser, wire } = installed;
    await tool.call('whoami');

    expect(await tool.call('create_project', { name: 'Shop' })).toEqual({ created: 'Shop' });
    expect(wire.count('POST /mcp 403 insufficient_scope')).toBe(1);
    const asked = browser.visits[1]?.searchParams.get('scope')?.split(' ');
    expect(asked).toEqual(expect.arrayContaining(['project:read', 'project:create']));
  });
});

/** What is wrong with a token that is otherwise good. */
const wrong: [string, Record<string, unknown>, Record<string, unknown>][] = [
  ['of another issuer', { iss: 'https://evil.example/mcp' }, {}],
  ['for another resource', { aud: 'https://other.example/mcp' }, {}],
  ['for a path below', { aud: 'http://localhost/mcp/admin' }, {}],
  ['for nobody', { aud: undefined }, {}],
  ['as an ID token or any other JWT', {}, { typ: 'JWT' }],
  ['without a typ', {}, { typ: undefined }],
  ['after its end', { exp: Math.floor(Date.now() / 1000) - 30 }, {}],
  ['with a key nobody knows', {}, { kid: 'nobody knows' }],
];

describeWithPython.each(programs)('%s of docs/gateways.md (needs Python with mcp, fastmcp and pyjwt)', (program) => {
  const issuer = shared(createIssuer);
  const gateway = shared(async () => startGateway(program, issuer.url, await freePort()));

  const sign = (claims = {}, header = {}) => issuer.sign({ aud: gateway.resource, ...claims }, header);
  const ask = (token?: string, headers: Record<string, string> = {}) => {
    const authorization = token ? { Authorization: `Bearer ${token}` } : undefined;
    return fetch(gateway.resource, { method: 'POST', body: '{}', headers: { ...authorization, ...headers } });
  };
  const metadata = () => gateway.resource.replace('/mcp', '/.well-known/oauth-protected-resource/mcp');
  /** What a refusal is to say. */
  const refusal = (status: number, scope: string, error?: string) => [
    status,
    `Bearer resource_metadata="${metadata()}", scope="${scope}"${error ? `, error="${error}"` : ''}`,
  ];
  const refused = async (response: Promise<Response>) => {
    const { status, headers } = await response;
    return [status, headers.get('www-authenticate')];
  };
  const invalid = () => refusal(401, 'project:read', 'invalid_token');

  it('leads whoever has no token to the sign-in page', async () => {
    expect(await refused(ask())).toEqual(refusal(401, 'project:read'));
    expect(await (await fetch(metadata())).json()).toEqual({
      resource: gateway.resource,
      authorization_servers: [issuer.url],
      scopes_supported: ['project:read'],
      bearer_methods_supported: ['header'],
    });
  });

  it('lets in whoever has a good one', async () => expect((await ask(await sign())).status).not.toBe(401));

  it.each(wrong)('refuses a token %s', async (_name, claims, header) => {
    expect(await refused(ask(await sign(claims, header)))).toEqual(invalid());
  });

  it('refuses a token that was changed, that nobody signed, or that the public key signed', async () => {
    const now = Math.floor(Date.now() / 1000);
    const claims = { ...CLAIMS, iss: issuer.url, aud: gateway.resource, iat: now, exp: now + 60 };
    const [header, , signature] = (await sign()).split('.');
    const [, payload] = new UnsecuredJWT(claims).encode().split('.');
    const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');
    const { kid = '' } = issuer.publicKey();
    const byPublicKey = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid, typ: 'at+jwt' })
      .sign(new TextEncoder().encode(JSON.stringify(issuer.publicKey())));
    for (const token of [`${header}.${payload}.${signature}`, `${none}.${payload}.`, byPublicKey, 'abc', 'a.b.c'])
      expect([token, await refused(ask(token))]).toEqual([token, invalid()]);
  });

  it('says what a token lacks, beside what it has', async () => {
    const poor = await sign({ scope: 'organization:read' });
    expect(await refused(ask(poor))).toEqual(refusal(403, 'organization:read project:read', 'insufficient_scope'));
    const naming = { 'Mcp-Method': 'tools/call', 'Mcp-Name': 'create_project' };
    const all = 'organization:read project:read project:create';
    expect(await refused(ask(await sign(), naming))).toEqual(refusal(403, all, 'insufficient_scope'));
    expect((await ask(await sign({ scope: all }), naming)).status).not.toBe(403);
  });

  it('runs no tool for a token that lacks its permission, whatever the headers say', async () => {
    const headers = { Authorization: `Bearer ${await sign()}`, 'Mcp-Method': 'tools/list', 'Mcp-Name': 'whoami' };
    const client = new Client({ name: 'liar', version: '1.0.0' });
    await client.connect(new StreamableHTTPClientTransport(new URL(gateway.resource), { requestInit: { headers } }));
    const result = await client.callTool({ name: 'create_project', arguments: { name: 'Smuggled' } });
    await client.close();
    const text = expect.stringContaining('needs the permission project:create');
    expect(result).toMatchObject({ isError: true, content: [{ text }] });
  });

  it('is fetched a new key when it meets one that it does not know', async () => {
    await issuer.rotate();
    await eventually(async () => (await ask(await sign())).status !== 401);
  });
});
