import type { RequestListener } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Koa from 'koa';
import { createDemonstrationServer, type DemonstrationServer } from '../../examples/mcp-server/demonstration-server.ts';
import { close, createIssuer, type Issuer, listen } from './issuer.ts';
import { MCP_CLIENTS } from './mcp-clients.ts';

let issuer: Issuer;
let resource: string;
let demonstration: DemonstrationServer;
let dispose: () => Promise<void>;

beforeAll(async () => {
  issuer = await createIssuer();
  const { server, origin } = await listen((req, res) => demonstration.handle(req, res));
  resource = `${origin}/mcp`;
  demonstration = createDemonstrationServer({ issuer: issuer.url, resource });
  dispose = () => close(server);
});
afterAll(async () => {
  await dispose();
  await issuer[Symbol.asyncDispose]();
});

const sign = (claims: Record<string, unknown> = {}) => issuer.sign({ aud: resource, ...claims });

async function post(body: unknown, token?: string): Promise<Response> {
  return fetch(resource, {
    method: 'POST',
    headers: {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

const callOf = (name: string, input: object = {}) => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name, arguments: input },
});

describe.each(MCP_CLIENTS)('the demonstration server and %s', (name, connect) => {
  it('agree on a revision and on the tools', async () => {
    await using client = await connect(resource, await sign());
    expect(client.revision).toBe(name.endsWith('newest revision') ? '2026-07-28' : '2025-11-25');
    expect(await client.tools()).toEqual(['whoami', 'list_projects', 'create_project']);
  });

  it('say who is signed in, without any scope', async () => {
    await using client = await connect(resource, await sign({ scope: '' }));
    const { structuredContent, content } = await client.call('whoami');
    const identity = {
      account: 'account-ada',
      organization: { id: 'org-1', slug: 'acme', role: 'owner' },
      scopes: [],
      connection: 'connection-1',
    };
    expect(structuredContent).toEqual(identity);
    expect(content).toEqual([{ type: 'text', text: JSON.stringify(identity, null, 2) }]);
  });

  it('create a project that only its organization sees', async () => {
    const token = await sign({ org_id: `org of ${name}`, scope: 'project:*' });
    await using client = await connect(resource, token);
    await using stranger = await connect(resource, await sign({ org_id: 'another' }));
    await client.call('create_project', { name: 'Shop' });
    expect(JSON.stringify(await client.call('list_projects'))).toContain('Shop');
    expect(JSON.stringify(await stranger.call('list_projects'))).not.toContain('Shop');
  });

  it('do not create a project without the scope', async () => {
    await using client = await connect(resource, await sign());
    await expect(client.call('create_project', { name: 'Forbidden' })).rejects.toThrow();
    expect(JSON.stringify(await client.call('list_projects'))).not.toContain('Forbidden');
  });

  it('do not meet without a good token', async () => {
    await expect(connect(resource, await sign({ exp: 1_000_000_000 }))).rejects.toThrow();
  });
});

describe('the demonstration server', () => {
  it('asks for what most people will need when a client connects', async () => {
    const response = await post(callOf('whoami'));
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe(
      `Bearer resource_metadata="${resource.replace('/mcp', '')}/.well-known/oauth-protected-resource/mcp", ` +
        'scope="organization:read project:read"',
    );
  });

  it.each([
    ['create_project', 'organization:read project:read', 'organization:read project:read project:create'],
    ['list_projects', 'table:*', 'table:* project:read'],
  ])('answers %s without its scope with 403, naming what is there and what is missing', async (tool, scope, asked) => {
    const response = await post(callOf(tool, { name: 'Shop' }), await sign({ scope }));
    const challenge = response.headers.get('www-authenticate');
    expect(response.status).toBe(403);
    expect(challenge).toContain('error="insufficient_scope"');
    expect(challenge).toContain(`scope="${asked}"`);
    expect(challenge).toContain('/.well-known/oauth-protected-resource/mcp"');
    expect(response.headers.get('access-control-expose-headers')).toContain('WWW-Authenticate');
    expect(await response.json()).toMatchObject({ error: 'insufficient_scope' });
  });

  it('is not led past the scope by a batch or by headers that name another tool', async () => {
    const batch = await post([callOf('whoami'), { ...callOf('create_project', { name: 'x' }), id: 2 }], await sign());
    const lying = await fetch(resource, {
      method: 'POST',
      headers: {
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
        authorization: `Bearer ${await sign()}`,
        'mcp-method': 'tools/call',
        'mcp-name': 'whoami',
      },
      body: JSON.stringify(callOf('create_project', { name: 'x' })),
    });
    expect([batch.status, lying.status]).toEqual([403, 403]);
  });

  it('publishes the fewest scopes that are of use', async () => {
    const metadata = await fetch(resource.replace('/mcp', '/.well-known/oauth-protected-resource/mcp'));
    const { scopes_supported: scopes, ...others } = (await metadata.json()) as { scopes_supported: string[] };
    expect(others).toMatchObject({ resource, authorization_servers: [issuer.url], resource_name: 'Demonstration' });
    expect(scopes).toEqual(['organization:read', 'project:read']);
  });

  it('answers what it does not know with JSON: other paths, and a body that is none', async () => {
    const elsewhere = await fetch(resource.replace('/mcp', '/.well-known/oauth-authorization-server'));
    expect([elsewhere.status, await elsewhere.json()]).toEqual([404, { error: 'not_found' }]);
    const broken = await post('{"jsonrpc":', await sign());
    expect([broken.status, await broken.json()]).toMatchObject([400, { error: { code: -32700 } }]);
  });

  it('answers at its URL with a slash and a query, and repeats it (R93)', async () => {
    const asked = `${resource}/?read_only=true`;
    const challenged = await fetch(asked, { method: 'POST' });
    const url = `${resource.replace('/mcp', '')}/.well-known/oauth-protected-resource/mcp/?read_only=true`;
    expect(challenged.headers.get('www-authenticate')).toContain(`resource_metadata="${url}"`);
    expect(await (await fetch(url)).json()).toMatchObject({ resource: asked });
  });

  it('is mounted on a Koa application by its paths', async () => {
    const app = new Koa();
    app.use(async (ctx, next) => {
      if (!mounted.paths.includes(ctx.path)) return next();
      ctx.respond = false;
      return mounted.handle(ctx.req, ctx.res);
    });
    app.use((ctx) => {
      ctx.body = 'the application';
    });
    const { server, origin } = await listen(app.callback() as RequestListener);
    const mounted = createDemonstrationServer({ issuer: issuer.url, resource: `${origin}/mcp` });
    const [, connect] = MCP_CLIENTS[0] as (typeof MCP_CLIENTS)[number];
    await using client = await connect(`${origin}/mcp`, await issuer.sign({ aud: `${origin}/mcp` }));
    expect(await client.call('whoami')).toMatchObject({ structuredContent: { account: 'account-ada' } });
    expect(await (await fetch(`${origin}/other`)).text()).toBe('the application');
    await close(server);
  });
});
