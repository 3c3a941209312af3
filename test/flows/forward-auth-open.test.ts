import { describe, expect, it } from '@jest/globals';
import { aboutFiles, ask, calling, connectTo, files, proxiedResource, startProxied } from '../forward-auth/proxied.ts';
import { createTestClock, minutes } from '../support/clock.ts';
import { shared } from '../support/shared.ts';

const { clock, pass } = createTestClock();
const server = shared(async () => {
  const open = {
    requiredScopes: ['organization:read'],
    tools: { search_docs: 'open', create_project: ['project:create'] },
    methods: { 'tools/list': 'open', initialize: 'open' },
  };
  return await startProxied({ resources: [proxiedResource(files, open)], parts: { clock } });
});

const naming = (method: string) => ({
  'X-Original-Method': 'POST',
  'MCP-Protocol-Version': '2026-07-28',
  'Mcp-Method': method,
});
const asked = (headers: Record<string, string>, token?: string) =>
  ask(server, { headers, tail: aboutFiles, ...(token !== undefined && { token }) });

const who = ['account-id', 'organization-id', 'organization-slug', 'organization-role', 'scopes', 'connection-id'];

describe('what the operator lists as open (lazy authentication)', () => {
  it.each([
    ['a tool', calling('search_docs')],
    ['the list of tools', naming('tools/list')],
    ['what begins a session', naming('initialize')],
    ['what a tool asks before that', naming('server/discover')],
    ['a sign of life', naming('ping')],
    ['a tool at the URL of the resource', { ...calling('search_docs'), 'X-Original-URI': '/mcp' }],
    ['a tool at that URL with a slash and a query', { ...calling('search_docs'), 'X-Original-URI': '/mcp/?a=b' }],
  ])('%s passes without a token, as nobody, whatever it claims to be', async (_name, headers) => {
    const forged = { 'X-Account-Id': 'acc_eve', 'X-Scopes': '*:*' };
    const answer = await asked({ ...headers, ...forged });
    expect([answer.status, answer.body]).toEqual([200, '']);
    expect(who.map((name) => answer.headers[`x-${name}`])).toEqual(who.map(() => ''));
  });

  it('passes with a token as its person, whatever scopes it has', async () => {
    const { accessToken, claims } = await connectTo(server, files, 'project:read');
    const answer = await asked(calling('search_docs'), accessToken);
    expect([answer.status, answer.headers['x-account-id']]).toEqual([200, claims.sub]);
    expect((await asked(calling('create_project'), accessToken)).status).toBe(403);
  });

  it('is refused with a token that is none, has expired, or was revoked', async () => {
    const { accessToken: old } = await connectTo(server, files, 'project:read');
    pass(minutes(61));
    expect((await asked(calling('search_docs'), old)).headers['www-authenticate']).toContain('error="invalid_token"');
    const { accessToken, refreshToken, client } = await connectTo(server, files, 'project:read');
    expect((await asked(calling('search_docs'), accessToken)).status).toBe(200);
    expect((await asked(calling('search_docs'), 'no token of ours')).status).toBe(401);
    await client.post('revoke', { token: refreshToken });
    expect((await asked(calling('search_docs'), accessToken)).status).toBe(401);
  });
});

describe('beside it', () => {
  it.each([
    ['a protected tool', calling('create_project')],
    ['a tool that is not listed', calling('whoami')],
    ['a method that is not listed', naming('resources/read')],
    [
      'an open tool at a revision whose servers compare nothing',
      { ...calling('search_docs'), 'MCP-Protocol-Version': '2025-11-25' },
    ],
    ['a request that names nothing', { 'X-Original-Method': 'POST' }],
    // No server compares the headers of a request without a body, or of one that is for another of its handlers.
    ['a stream that claims to be an open method', { ...naming('tools/list'), 'X-Original-Method': 'GET' }],
    ['the end of a session that claims to be one', { ...naming('tools/list'), 'X-Original-Method': 'DELETE' }],
    ['a stream whose client adds that it is a POST', { ...naming('tools/list'), 'X-Forwarded-Method': 'GET' }],
    ['a request whose method no proxy tells', { ...naming('tools/list'), 'X-Original-Method': '' }],
    ['an open tool at another path', { ...calling('search_docs'), 'X-Original-URI': '/admin' }],
    ['an open tool at a path below', { ...calling('search_docs'), 'X-Original-URI': '/mcp/admin' }],
    [
      'one whose client adds a harmless path',
      { ...calling('search_docs'), 'X-Original-URI': '/admin', 'X-Forwarded-Uri': '/mcp' },
    ],
  ])('%s is answered with the challenge', async (_name, headers) => {
    const { status, headers: answered } = await asked(headers);
    expect([status, answered['www-authenticate']]).toEqual([401, expect.stringContaining('resource_metadata=')]);
    expect(answered).not.toHaveProperty('x-account-id');
  });
});
