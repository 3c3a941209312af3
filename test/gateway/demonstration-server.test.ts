import type { RequestListener } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import Koa from 'koa';
import { createDemonstrationServer, type DemonstrationServer } from '../../examples/mcp-server/demonstration-server.ts';
import { listening } from '../support/listening.ts';
import { shared } from '../support/shared.ts';
import { answerOf } from './gateway.ts';
import { bearer, createIssuer, METADATA } from './issuer.ts';
import { message } from './lazy.ts';

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

async function post(body: unknown, token?: string, more: Record<string, string> = {}, url = demonstration.resource) {
  const kinds = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
  const headers = { ...kinds, ...(token && bearer(token)), ...more };
  return fetch(url, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
}

const callOf = (name: string, input: object = {}) => message('tools/call', { name, arguments: input });
/** What it answers whoever has a token with these claims, in JSON or in one event. */
async function resultOf(body: unknown, claims: Record<string, unknown> = {}, url = demonstration.resource) {
  const text = await (await post(body, await sign({ aud: url, ...claims }), {}, url)).text();
  return JSON.parse(text.replace(/^[\s\S]*?(?=\{)/, '')).result;
}
const create = callOf('create_project', { name: 'x' });

describe('the demonstration server', () => {
  it('asks for what most people will need when a client connects', async () => {
    const challenge = `Bearer resource_metadata="${demonstration.metadata}", scope="organization:read project:read"`;
    expect(await answerOf(await post(callOf('whoami')))).toMatchObject({ status: 401, challenge });
  });

  it('lists its tools', async () => {
    const names = ['whoami', 'list_projects', 'create_project'];
    expect(await resultOf(message('tools/list'))).toMatchObject({ tools: names.map((name) => ({ name })) });
  });

  it('says who is signed in, without any scope, as data and as text', async () => {
    const organization = { id: 'org-1', slug: 'acme', role: 'owner' };
    const identity = { account: 'account-ada', organization, scopes: [], connection: 'connection-1' };
    expect(await resultOf(callOf('whoami'), { scope: '' })).toMatchObject({
      structuredContent: identity,
      content: [{ type: 'text', text: JSON.stringify(identity, null, 2) }],
    });
  });

  it('creates a project that only its organization sees', async () => {
    await resultOf(callOf('create_project', { name: 'Shop' }), { scope: 'project:*' });
    const seen = async (org_id: string) => JSON.stringify(await resultOf(callOf('list_projects'), { org_id }));
    expect(await seen('org-1')).toContain('Shop');
    expect(await seen('another')).not.toContain('Shop');
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
    const whoami = await resultOf(callOf('whoami'), {}, mounted.resource);
    expect(whoami).toMatchObject({ structuredContent: { account: 'account-ada' } });
    expect(await (await fetch(mounted.metadata)).json()).toMatchObject({ resource: mounted.resource });
    expect(await (await fetch(`${mounted.origin}/other`)).text()).toBe('the application');
  });
});
