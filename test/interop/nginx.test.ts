import { describe, expect, it } from '@jest/globals';
import { connect } from '../support/connect.ts';
import { startBehind } from '../support/proxies.ts';
import { shared } from '../support/shared.ts';
import { install } from './client-lab.ts';
import { client2Tool } from './mcp-client-2.ts';
import { createSdk1Tool } from './mcp-sdk-1.ts';
import type { CreateTool, Tool } from './tool.ts';

/** Official clients, the real nginx of the example, and an MCP server that knows nothing of authorization. */
const proxied = shared(() => startBehind('nginx'));

const installed = (create: CreateTool) => install({ create }, proxied.server, { url: proxied.resource });

async function headersOf(tool: Tool): Promise<Record<string, string>> {
  return (await tool.call('whoami')).headers as Record<string, string>;
}

const newest = client2Tool('auto');

describe('a tool at the newest revision, behind nginx', () => {
  it('finds its way to the sign-in page, and the server learns who is asking', async () => {
    await using app = installed(newest);
    const headers = await headersOf(app.tool);

    expect(app.tool.revision()).toBe('2026-07-28');
    expect(app.browser.visits).toHaveLength(1);
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

  it('asks its person for one more permission when a tool needs it, and goes on', async () => {
    await using app = installed(newest);
    const { tool, browser, wire } = app;
    await tool.call('list_projects');

    const { projects } = await tool.call('create_project', { name: 'Shop' });

    expect(projects).toContain('Shop');
    expect(wire.count('POST /mcp 403 insufficient_scope')).toBe(1);
    expect(browser.visits).toHaveLength(2);
    expect((await headersOf(tool))['x-scopes']).toBe('organization:read project:read project:create');
  });
});

describe.each([
  ['the MCP SDK 1.x', createSdk1Tool],
  ['the MCP client 2.x, as it comes', client2Tool('legacy')],
])('a tool on %s, whose requests do not name what they call', (_name, create) => {
  it('asks at once for whatever they might need', async () => {
    await using app = installed(create);
    const { tool, browser } = app;

    expect((await tool.call('create_project', { name: 'Blog' })).projects).toContain('Blog');
    expect(browser.visits).toHaveLength(1);
    expect((await headersOf(tool))['x-organization-slug']).toBe('acme');
  });
});

describe('somebody who says one thing and does another', () => {
  const call = { name: 'create_project', arguments: { name: 'Smuggled' } };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: call });

  async function send(headers: Record<string, string>, scope: string) {
    const { accessToken } = await connect(proxied.server, { request: { resource: proxied.resource, scope } });
    const base = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    const authorization = `Bearer ${accessToken}`;
    return fetch(proxied.resource, { method: 'POST', headers: { ...base, authorization, ...headers }, body });
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
