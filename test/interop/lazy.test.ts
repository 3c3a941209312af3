import { type LazyProtectionOptions, protectResource } from '@bkend/mcp-gateway';
import { describe, expect, it } from '@jest/globals';
import { type NodeIncomingMessageLike, toNodeHandler } from '@modelcontextprotocol/node';
import { McpServer as McpServer1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport as ServerTransport1 } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { type CreateMcpHandlerOptions, createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { createDemonstrationServer } from '../../examples/mcp-server/demonstration-server.ts';
import type { AuthorizationServer } from '../../src/composition/plugin.ts';
import { createTestClock, minutes } from '../support/clock.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { install } from './client-lab.ts';
import { client2Tool } from './mcp-client-2.ts';
import { createSdk1Tool } from './mcp-sdk-1.ts';

type Handler = (req: NodeIncomingMessageLike, res: never) => unknown;

const rules = {
  scopes: ['organization:read'],
  tools: { search_docs: 'open', whoami: [], list_projects: ['project:read'], create_project: ['project:create'] },
  methods: { initialize: 'open', 'tools/list': 'open' },
  filterTools: true,
} satisfies Partial<LazyProtectionOptions>;
const names = Object.keys(rules.tools);

/** An MCP server of this revision; knows nothing of tokens, and says which tool was called. */
function serve2(revision: string, responseMode: CreateMcpHandlerOptions['responseMode'] = 'auto'): Handler {
  const versions = revision < '2025-11-25' ? { supportedProtocolVersions: [revision] } : {};
  const createServer = () => {
    const server = new McpServer({ name: 'lazy', version: '1.0.0' }, versions);
    for (const name of names) server.registerTool(name, {}, async () => said(name));
    return server;
  };
  return toNodeHandler(createMcpHandler(createServer, { responseMode })) as Handler;
}

const serve1: Handler = async (req, res) => {
  const server = new McpServer1({ name: 'lazy', version: '1.0.0' });
  for (const name of names) server.registerTool(name, {}, async () => said(name));
  const transport = new ServerTransport1({ enableJsonResponse: true });
  // The casts: the types of 1.32 are not written for exactOptionalPropertyTypes.
  await server.connect(transport as Parameters<McpServer1['connect']>[0]);
  await transport.handleRequest(req as never, res);
};

const said = (name: string) => ({ content: [{ type: 'text' as const, text: name }], structuredContent: { name } });

function mountAt({ app, issuer }: AuthorizationServer, handle: (req: never, res: never) => unknown): void {
  const { pathname } = new URL(issuer);
  app.use(async (ctx, next) => {
    if (ctx.path !== pathname) return next();
    ctx.respond = false;
    await handle(ctx.req as never, ctx.res as never);
  });
}

function protect(issuer: string, serve: Handler, now: () => number): Handler {
  const protection = protectResource({ issuer, resource: issuer, now, ...rules });
  return async (req, res) => {
    if (await protection.middleware(req as never, res)) await serve(req, res);
  };
}

type Row = [client: string, revision: string, answers: string, create: typeof createSdk1Tool, serve: Handler];
const older = ['2025-03-26', '2025-06-18', '2025-11-25'];
const rows: Row[] = [
  ...older.flatMap((revision): Row[] => [
    ['1.x', revision, 'in events', createSdk1Tool, serve2(revision)],
    ['2.x', revision, 'in events', client2Tool('legacy'), serve2(revision)],
  ]),
  ['1.x', '2025-11-25', 'in JSON', createSdk1Tool, serve1],
  ['2.x', '2025-11-25', 'in JSON', client2Tool('legacy'), serve1],
  ['2.x', '2026-07-28', 'in JSON', client2Tool('auto'), serve2('2026-07-28')],
  ['2.x', '2026-07-28', 'in events', client2Tool('auto'), serve2('2026-07-28', 'sse')],
];

describe.each(rows)('the MCP client %s, lazily, %s %s', (_client, revision, _answers, create, serve) => {
  const { clock, pass } = createTestClock();
  const mount = (own: AuthorizationServer) => mountAt(own, protect(own.issuer, serve, clock.now));
  const server = shared(() => startServer({ mount, parts: { clock } }));

  it('connects, lists and calls without a token, signs in for what needs one, sees what it may call, and renews', async () => {
    await using installed = install({ create }, server);
    const { tool, browser, wire } = installed;
    expect(await tool.tools()).toEqual(names);
    expect(await tool.call('search_docs')).toEqual({ name: 'search_docs' });
    expect([tool.revision(), browser.visits.length]).toEqual([revision, 0]);

    expect(await tool.call('list_projects')).toEqual({ name: 'list_projects' });
    expect(browser.visits[0]?.searchParams.get('scope')?.split(' ')).toEqual(
      expect.arrayContaining(['organization:read', 'project:read']),
    );
    expect(wire.count('POST /mcp 401')).toBe(1);
    expect(await tool.tools()).toEqual(['search_docs', 'whoami', 'list_projects']);

    pass(minutes(61));
    expect(await tool.call('search_docs')).toEqual({ name: 'search_docs' });
    expect(await tool.call('whoami')).toEqual({ name: 'whoami' });
    expect([browser.visits.length, wire.count('POST /mcp/oauth/token 200')]).toEqual([1, 2]);
  });
});

it('the demonstration, lazily shows a tool to whoever is not signed in, and signs in for another one', async () => {
  const mount = (own: AuthorizationServer) =>
    mountAt(own, createDemonstrationServer({ issuer: own.issuer, resource: own.issuer, isLazy: true }).handle);
  await using server = await startServer({ mount });
  await using installed = install({ create: client2Tool('auto') }, server);
  const { tool, browser } = installed;
  expect(await tool.call('search_docs', { text: 'name' })).toEqual({ pages: ['Name a project'] });
  expect(browser.visits).toHaveLength(0);
  expect(await tool.call('whoami')).toMatchObject({ organization: { slug: expect.any(String) } });
  expect(browser.visits).toHaveLength(1);
});
