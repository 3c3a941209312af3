import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { connect } from '../support/connect.ts';
import { startBehind } from '../support/proxies.ts';
import { shared } from '../support/shared.ts';
import { createInstallation, type Installation } from './installation.ts';
import { client2Tool } from './mcp-client-2.ts';
import { createSdk1Tool } from './mcp-sdk-1.ts';
import type { CreateTool, Tool } from './tool.ts';
import { createWebBrowser, type WebBrowser } from './web-browser.ts';
import { createWire, type Wire } from './wire.ts';

/** Official clients, the real nginx of the example, and an MCP server that knows nothing of authorization. */
const proxied = shared(() => startBehind('nginx'));
afterEach(() => {
  jest.restoreAllMocks();
});

interface Installed extends AsyncDisposable {
  readonly tool: Tool;
  readonly installation: Installation;
  readonly browser: WebBrowser;
  readonly wire: Wire;
}

function install(create: CreateTool, sent: Record<string, string> = {}, typed = ''): Installed {
  const installation = createInstallation();
  const browser = createWebBrowser(proxied.server.origin);
  const wire = createWire();
  const fetchWith: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers);
    for (const [name, value] of Object.entries(sent)) headers.set(name, value);
    return wire.fetch(input, { ...init, headers });
  };
  const url = new URL(proxied.resource + typed);
  const tool = create({ url, installation, browser, wire: { ...wire, fetch: fetchWith } });
  return { tool, installation, browser, wire, [Symbol.asyncDispose]: () => tool[Symbol.asyncDispose]() };
}

async function headersOf(tool: Tool): Promise<Record<string, string>> {
  return (await tool.call('whoami')).headers as Record<string, string>;
}

async function revoke(installation: Installation, kind: 'access_token' | 'refresh_token') {
  const tokens = installation.find<Record<string, string>>('tokens');
  const client = installation.find<Record<string, string>>('client');
  const body = new URLSearchParams({ token: tokens?.[kind] ?? '', client_id: client?.client_id ?? '' });
  expect((await fetch(`${proxied.server.issuer}/oauth/revoke`, { method: 'POST', body })).status).toBe(200);
}

const newest = client2Tool('auto');
const refusal = 'POST /mcp 403 insufficient_scope';

describe('a tool at the newest revision, behind nginx', () => {
  it('finds its way to the sign-in page, and the server learns who is asking', async () => {
    await using installed = install(newest);
    const headers = await headersOf(installed.tool);

    expect(installed.tool.revision()).toBe('2026-07-28');
    expect(installed.browser.visits).toHaveLength(1);
    expect(headers).toMatchObject({
      'x-account-id': expect.stringMatching(/^\S+$/),
      'x-organization-id': expect.stringMatching(/^org_/),
      'x-organization-slug': 'acme',
      'x-organization-role': 'owner',
      'x-scopes': 'organization:read project:read',
      'x-connection-id': expect.stringMatching(/^\S+$/),
      'mcp-name': 'whoami',
    });
    expect(headers).not.toHaveProperty('authorization');
  });

  it.each(['/', '?read_only=true', '/?a=b'])(
    'finds its way when its person has typed %s behind the URL',
    async (typed) => {
      await using installed = install(newest, {}, typed);
      expect(await headersOf(installed.tool)).toMatchObject({ 'x-organization-slug': 'acme' });
      expect(installed.browser.visits).toHaveLength(1);
      await revoke(installed.installation, 'access_token');
      expect(await headersOf(installed.tool)).toMatchObject({ 'x-organization-slug': 'acme' });
      expect(installed.browser.visits).toHaveLength(1);
    },
  );

  it('cannot say by itself who it is', async () => {
    const names = [
      'Account-Id',
      'Organization-Id',
      'Organization-Slug',
      'Organization-Role',
      'Scopes',
      'Connection-Id',
    ];
    const forged = Object.fromEntries(names.map((name) => [`X-${name}`, 'forged']));
    await using installed = install(newest, { ...forged, X_Account_Id: 'forged', 'X-Refusal': 'forged' });

    const headers = await headersOf(installed.tool);

    const believed = Object.entries(headers).filter(([, value]) => value.includes('forged'));
    expect(believed).toEqual([['x-refusal', 'forged']]);
    expect(headers['x-organization-slug']).toBe('acme');
  });

  it('asks its person for one more permission when a tool needs it, and goes on', async () => {
    await using installed = install(newest);
    const { tool, browser, wire } = installed;
    await tool.call('list_projects');

    const { projects } = await tool.call('create_project', { name: 'Shop' });

    expect(projects).toContain('Shop');
    expect(wire.count(refusal)).toBe(1);
    expect(browser.visits).toHaveLength(2);
    expect((await headersOf(tool))['x-scopes']).toBe('organization:read project:read project:create');
  });

  it('is refused at once when its connection is revoked, and connects again', async () => {
    await using installed = install(newest);
    const { tool, browser, wire, installation } = installed;
    jest.spyOn(console, 'warn').mockReturnValue(); // 2.x says on the console that it forgets the tokens
    const before = await headersOf(tool);
    await revoke(installation, 'refresh_token');

    const after = await headersOf(tool);

    expect(wire.count('POST /mcp 401 invalid_token')).toBe(1);
    expect(browser.visits).toHaveLength(2);
    expect(after['x-connection-id']).not.toBe(before['x-connection-id']);
  });

  it('renews a revoked token without its person', async () => {
    await using installed = install(newest);
    const { tool, browser, wire, installation } = installed;
    const before = await headersOf(tool);
    await revoke(installation, 'access_token');

    const after = await headersOf(tool);

    expect(wire.count('POST /mcp 401 invalid_token')).toBe(1);
    expect(browser.visits).toHaveLength(1);
    expect(after['x-connection-id']).toBe(before['x-connection-id']);
  });
});

describe.each([
  ['the MCP SDK 1.x', createSdk1Tool],
  ['the MCP client 2.x, as it comes', client2Tool('legacy')],
])('a tool on %s, whose requests do not name what they call', (_name, create) => {
  it('asks at once for whatever they might need', async () => {
    await using installed = install(create);
    const { tool, browser } = installed;

    expect((await tool.call('create_project', { name: 'Blog' })).projects).toContain('Blog');
    expect(browser.visits).toHaveLength(1);
    expect((await headersOf(tool))['x-organization-slug']).toBe('acme');
  });
});

describe('somebody who says one thing and does another', () => {
  const body = (name: string) =>
    JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: { name: 'Smuggled' } } });

  async function send(headers: Record<string, string>, scope: string) {
    const request = { resource: proxied.resource, scope };
    const { accessToken } = await connect(proxied.server, { request });
    const base = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    const authorization = `Bearer ${accessToken}`;
    return fetch(proxied.resource, {
      method: 'POST',
      headers: { ...base, authorization, ...headers },
      body: body('create_project'),
    });
  }
  const reading = 'organization:read project:read';
  const harmless = { 'Mcp-Method': 'tools/call', 'Mcp-Name': 'list_projects' };

  it('is refused by the server at the newest revision', async () => {
    const response = await send({ ...harmless, 'MCP-Protocol-Version': '2026-07-28' }, reading);
    expect(response.status).toBe(400);
    expect(await response.text()).not.toContain('Smuggled');
  });

  it('would not be refused with the permission', async () => {
    expect((await send({}, `${reading} project:create`)).status).toBe(200);
  });
});
