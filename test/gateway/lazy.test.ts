import { type LazyProtectionOptions, protectResource } from '@bkend/mcp-gateway';
import { describe, expect, it } from '@jest/globals';
import Koa from 'koa';
import { shared } from '../support/shared.ts';
import { answerOf } from './gateway.ts';
import { createIssuer, METADATA, RESOURCE } from './issuer.ts';
import { calling, LAZY, message, notifying, SERVERS, type Serve, startLazy } from './lazy.ts';

const issuer = shared(createIssuer);

describe.each(Object.entries(SERVERS))('lazy authentication on %s', (_name, serve) => {
  const gateway = shared(() => startLazy(issuer.url, serve));
  const search = (init?: Parameters<typeof gateway.post>[1]) => gateway.post(calling('search_docs'), init);

  it.each<[string, unknown]>([
    ['an open tool', calling('search_docs')],
    ['a batch of what is open', [message('tools/list'), calling('search_docs')]],
    ['the connecting', message('initialize', { protocolVersion: '2025-11-25' })],
    ['the connecting of 2026-07-28', message('server/discover')],
    ['the end of the connecting', notifying('notifications/initialized')],
    ['the question whether anybody is there', message('ping')],
    ['the list of tools', message('tools/list')],
  ])('%s needs no token, and reaches the application whole and once', async (_what, body) => {
    const response = await gateway.post(body);
    expect([response.status, await response.json()]).toEqual([200, { who: null, body: JSON.stringify(body) }]);
  });

  it.each<[string, unknown, string]>([
    ['a protected tool', calling('list_projects'), 'project:read'],
    ['a tool that is not listed', calling('constructor'), 'project:read'],
    ['a tool that needs more', calling('create_project'), 'project:read project:create'],
    ['a batch with one of them', [calling('search_docs'), calling('list_projects')], 'project:read'],
    ['a method that is not listed', message('prompts/list'), 'project:read'],
    ['a method that needs more', message('resources/read', { uri: 'a:b' }), 'project:read table:read'],
    ['a notification that is not listed', notifying('notifications/roots/list_changed'), 'project:read'],
    ['the answer to a question of the server', { jsonrpc: '2.0', id: 1, result: {} }, 'project:read'],
  ])('%s is answered with the challenge that names all it needs', async (_what, body, scope) => {
    const challenge = `Bearer resource_metadata="https://gateway.example${METADATA}/mcp", scope="${scope}"`;
    expect(await answerOf(await gateway.post(body))).toMatchObject({ status: 401, challenge });
  });

  it('lets a token pass as its person, also where none is needed and whatever scopes it has', async () => {
    const token = await issuer.sign({ scope: 'project:create' });
    expect(await (await search({ token })).json()).toMatchObject({ who: 'account-ada' });
  });

  it('refuses one that has expired or is none, also where none is needed', async () => {
    for (const token of [await issuer.sign({ exp: 1 }), 'none']) {
      const response = await search({ token });
      expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"');
    }
  });

  it('asks a token for the scopes of what it calls, of a whole batch at once', async () => {
    const token = await issuer.sign({ scope: 'project:read' });
    expect((await gateway.post(calling('list_projects'), { token })).status).toBe(200);
    const refused = await gateway.post([calling('create_project'), message('resources/read')], { token });
    const challenge = expect.stringContaining('scope="project:read project:create table:read"');
    expect(await answerOf(refused)).toMatchObject({ status: 403, challenge });
  });

  it.each(['GET', 'DELETE'])(
    'has no stream and no session to end for nobody (%s): a 401 would sign in at once',
    async (method) => {
      const response = await gateway.post(undefined, { method, body: null });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
      const token = await issuer.sign();
      expect((await gateway.post(undefined, { method, body: null, token })).status).toBe(200);
    },
  );

  it.each(['/', '/mcp/admin', '/MCP', '/mcp2'])(
    'opens nothing at %s, where the same words may mean anything',
    async (path) => {
      expect((await search({ path })).status).toBe(401);
    },
  );

  it('opens the same with a slash and a query', async () => {
    expect((await search({ path: '/mcp/?read_only=true' })).status).toBe(200);
  });
});

describe('where connecting needs a token', () => {
  const methods = { 'tools/list': 'open' } as const;

  it('a stream is answered with the challenge, and so is what belongs to connecting', async () => {
    await using gateway = await startLazy(issuer.url, SERVERS['node:http'], { methods });
    expect((await gateway.post(undefined, { method: 'GET', body: null })).status).toBe(401);
    expect((await gateway.post(message('ping'))).status).toBe(401);
    expect((await gateway.post(message('tools/list'))).status).toBe(200);
  });
});

describe('the options of lazy authentication', () => {
  it.each<[string, Partial<LazyProtectionOptions>]>([
    ['a tool that is open by another word', { tools: { a: 'Open' as 'open' } }],
    ['a method with one scope for a list', { methods: { a: 'project:read' as 'open' } }],
    ['a scope with a blank', { tools: { a: ['b c'] } }],
    ['every call open at once', { methods: { 'tools/call': 'open' } }],
    ['a filter without saying what tools need', { tools: undefined, filterTools: true } as never],
    ['no body at all', { maxBodyBytes: 0 }],
    ['no time', { maxBodySeconds: Number.NaN }],
  ])('may not have %s', (_name, options) => {
    const create = () => protectResource({ issuer: issuer.url, resource: RESOURCE, ...LAZY, ...options });
    expect(create).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }));
  });

  it('may have every other tool open, and then still not what has no name', async () => {
    await using gateway = await startLazy(issuer.url, SERVERS['node:http'], { tools: { '*': 'open', whoami: [] } });
    const bodies = [calling('constructor'), calling('whoami'), message('tools/call', {})];
    const statuses = await Promise.all(bodies.map(async (body) => (await gateway.post(body)).status));
    expect(statuses).toEqual([200, 401, 401]);
  });
});

describe('a route that needs a scope, behind what is open', () => {
  const byMiddleware: Serve = (protection) => async (req, res) => {
    if (!(await protection.middleware(req, res))) return;
    if (await protection.requireScopes('project:create')(req, res)) res.end();
  };
  const byFunction: Serve = (protection) => async (req, res) => {
    const who = await protection.middleware(req, res);
    if (who) protection.refuse(res, who, 'project:create');
  };
  const byKoa: Serve = (protection) =>
    new Koa().use(protection.koa).use(protection.requireScopesKoa('project:create')).callback();

  it.each([
    ['the middleware', byMiddleware],
    ['the function', byFunction],
    ["Koa's", byKoa],
  ])('asks nobody for a token by %s, and somebody for the scope', async (_name, serve) => {
    await using gateway = await startLazy(issuer.url, serve);
    const told = async (init = {}) => answerOf(await gateway.post(calling('search_docs'), init));
    const [all, lacking] = ['scope="project:read project:create"', 'error="insufficient_scope"'];
    expect(await told()).toMatchObject({ status: 401, challenge: expect.stringContaining(all) });
    const token = await issuer.sign();
    expect(await told({ token })).toMatchObject({ status: 403, challenge: expect.stringContaining(lacking) });
  });
});
