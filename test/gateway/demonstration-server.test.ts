import type { RequestListener } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import Koa from 'koa';
import { createDemonstrationServer, type DemonstrationServer } from '../../examples/mcp-server/demonstration-server.ts';
import { listening } from '../support/listening.ts';
import { shared } from '../support/shared.ts';
import { answerOf } from './gateway.ts';
import { bearer, createIssuer, METADATA } from './issuer.ts';
import { MCP_CLIENTS } from './mcp-clients.ts';

const issuer = shared(createIssuer);

/** A demonstration on a port of its own, behind what listens there. */
async function demonstrate(behind: (demonstration: DemonstrationServer) => RequestListener = ({ handle }) => handle) {
  const served = await listening((req, res) => listener(req, res));
  const resource = `${served.origin}/mcp`;
  const listener = behind(createDemonstrationServer({ issuer: issuer.url, resource }));
  return { ...served, resource, metadata: `${served.origin}${METADATA}/mcp` };
}
const demonstration = shared(() => demonstrate());

const sign = (claims: Record<string, unknown> = {}) => issuer.sign({ aud: demonstration.resource, ...claims });

async function post(body: unknown, token?: string, more: Record<string, string> = {}): Promise<Response> {
  const kinds = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
  return fetch(demonstration.resource, {
    method: 'POST',
    headers: { ...kinds, ...(token && bearer(token)), ...more },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

const callOf = (name: string, input: object = {}) => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name, arguments: input },
});
const create = callOf('create_project', { name: 'x' });

describe.each(MCP_CLIENTS)('the demonstration server and %s', (name, connect) => {
  it('agree on a revision and on the tools', async () => {
    await using client = await connect(demonstration.resource, await sign());
    expect(client.revision).toBe(name.endsWith('newest revision') ? '2026-07-28' : '2025-11-25');
    expect(await client.tools()).toEqual(['whoami', 'list_projects', 'create_project']);
  });

  it('say who is signed in, without any scope', async () => {
    await using client = await connect(demonstration.resource, await sign({ scope: '' }));
    const { structuredContent, content } = await client.call('whoami');
    const organization = { id: 'org-1', slug: 'acme', role: 'owner' };
    const identity = { account: 'account-ada', organization, scopes: [], connection: 'connection-1' };
    expect(structuredContent).toEqual(identity);
    expect(content).toEqual([{ type: 'text', text: JSON.stringify(identity, null, 2) }]);
  });

  it('create a project that only its organization sees', async () => {
    const claims = { org_id: `org of ${name}`, scope: 'project:*' };
    await using client = await connect(demonstration.resource, await sign(claims));
    await using stranger = await connect(demonstration.resource, await sign({ org_id: 'another' }));
    await client.call('create_project', { name: 'Shop' });
    expect(JSON.stringify(await client.call('list_projects'))).toContain('Shop');
    expect(JSON.stringify(await stranger.call('list_projects'))).not.toContain('Shop');
  });

  it('do not create a project without the scope', async () => {
    await using client = await connect(demonstration.resource, await sign());
    await expect(client.call('create_project', { name: 'Forbidden' })).rejects.toThrow();
    expect(JSON.stringify(await client.call('list_projects'))).not.toContain('Forbidden');
  });

  it('do not meet without a good token', async () => {
    await expect(connect(demonstration.resource, await sign({ exp: 1_000_000_000 }))).rejects.toThrow();
  });
});

describe('the demonstration server', () => {
  it('asks for what most people will need when a client connects', async () => {
    const challenge = `Bearer resource_metadata="${demonstration.metadata}", scope="organization:read project:read"`;
    expect(await answerOf(await post(callOf('whoami')))).toMatchObject({ status: 401, challenge });
  });

  it.each([
    ['create_project', 'organization:read project:read', 'organization:read project:read project:create'],
    ['list_projects', 'table:*', 'table:* project:read'],
  ])('answers %s without its scope with 403, naming what is there and what is missing', async (tool, scope, asked) => {
    const response = await post(callOf(tool, { name: 'Shop' }), await sign({ scope }));
    expect(response.headers.get('access-control-expose-headers')).toContain('WWW-Authenticate');
    const { status, challenge, body } = await answerOf(response);
    expect([status, body]).toMatchObject([403, { error: 'insufficient_scope' }]);
    const said = ['error="insufficient_scope"', `scope="${asked}"`, `resource_metadata="${demonstration.metadata}"`];
    for (const each of said) expect(challenge).toContain(each);
  });

  it('is not led past the scope by a batch or by headers that name another tool', async () => {
    const batch = await post([callOf('whoami'), { ...create, id: 2 }], await sign());
    const lying = await post(create, await sign(), { 'mcp-method': 'tools/call', 'mcp-name': 'whoami' });
    expect([batch.status, lying.status]).toEqual([403, 403]);
  });

  it('publishes the fewest scopes that are of use', async () => {
    expect(await (await fetch(demonstration.metadata)).json()).toMatchObject({
      resource: demonstration.resource,
      authorization_servers: [issuer.url],
      resource_name: 'Demonstration',
      scopes_supported: ['organization:read', 'project:read'],
    });
  });

  it('answers what it does not know with JSON: other paths, and a body that is none', async () => {
    const elsewhere = await fetch(`${demonstration.origin}/.well-known/oauth-authorization-server`);
    expect([elsewhere.status, await elsewhere.json()]).toEqual([404, { error: 'not_found' }]);
    const broken = await answerOf(await post('{"jsonrpc":', await sign()));
    expect(broken).toMatchObject({ status: 400, body: { error: { code: -32700 } } });
  });

  it('answers at its URL with a slash and a query, and repeats it (R93)', async () => {
    const asked = `${demonstration.resource}/?read_only=true`;
    const challenged = await fetch(asked, { method: 'POST' });
    const url = `${demonstration.metadata}/?read_only=true`;
    expect(challenged.headers.get('www-authenticate')).toContain(`resource_metadata="${url}"`);
    expect(await (await fetch(url)).json()).toMatchObject({ resource: asked });
  });

  it('is mounted on a Koa application by its paths', async () => {
    await using mounted = await demonstrate(({ paths, handle }) =>
      new Koa()
        .use(async (ctx, next) => {
          if (!paths.includes(ctx.path)) return next();
          ctx.respond = false;
          return handle(ctx.req, ctx.res);
        })
        .use((ctx) => void Object.assign(ctx, { body: 'the application' }))
        .callback(),
    );
    const [, connect] = MCP_CLIENTS[0] as (typeof MCP_CLIENTS)[number];
    await using client = await connect(mounted.resource, await issuer.sign({ aud: mounted.resource }));
    expect(await client.call('whoami')).toMatchObject({ structuredContent: { account: 'account-ada' } });
    expect(await (await fetch(`${mounted.origin}/other`)).text()).toBe('the application');
  });
});
