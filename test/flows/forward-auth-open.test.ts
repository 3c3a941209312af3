import { describe, it } from '@jest/globals';
import {
  askingAbout,
  calling,
  files,
  naming,
  proxiedResource,
  refused,
  startProxied,
} from '../forward-auth/proxied.ts';
import { createTestClock, minutes } from '../support/clock.ts';
import { shared } from '../support/shared.ts';

const passes = { status: 200 };

const { clock, pass } = createTestClock();
const server = shared(() => {
  const open = {
    requiredScopes: ['organization:read'],
    tools: { search_docs: 'open', create_project: ['project:create'] },
    methods: { 'tools/list': 'open', initialize: 'open' },
  };
  return startProxied({ resources: [proxiedResource(files, open)], parts: { clock } });
});
const { expectTold, connects } = askingAbout(server, files);

const search = calling('search_docs');
const list = naming('tools/list');

const who = ['account-id', 'organization-id', 'organization-slug', 'organization-role', 'scopes', 'connection-id'];
const nobody = Object.fromEntries(who.map((name) => [`x-${name}`, '']));

describe('what the operator lists as open (lazy authentication)', () => {
  it.each([
    ['a tool', search],
    ['the list of tools', list],
    ['what begins a session', naming('initialize')],
    ['what a tool asks before that', naming('server/discover')],
    ['a sign of life', naming('ping')],
    ['a tool at the URL of the resource', { ...search, 'X-Original-URI': '/mcp' }],
    ['a tool at that URL with a slash and a query', { ...search, 'X-Original-URI': '/mcp/?a=b' }],
  ])('%s passes without a token, as nobody, whatever it claims to be', (_name, headers) => {
    const forged = { 'X-Account-Id': 'acc_eve', 'X-Scopes': '*:*' };
    return expectTold({ headers: { ...headers, ...forged } }, { status: 200, body: '', headers: nobody });
  });

  it('passes with a token as its person, whatever scopes it has', async () => {
    const { accessToken: token, claims } = await connects('project:read');
    await expectTold({ token, headers: search }, { status: 200, headers: { 'x-account-id': claims.sub } });
    await expectTold({ token, headers: calling('create_project') }, { status: 403 });
  });

  it('is refused with a token that is none, has expired, or was revoked', async () => {
    const { accessToken: old } = await connects('project:read');
    pass(minutes(61));
    const { accessToken: token, refreshToken, client } = await connects('project:read');
    await expectTold({ token: old, headers: search }, refused(401, 'error="invalid_token"'));
    await expectTold({ token, headers: search }, passes);
    await expectTold({ token: 'no token of ours', headers: search }, { status: 401 });
    await client.post('revoke', { token: refreshToken });
    await expectTold({ token, headers: search }, { status: 401 });
  });
});

describe('beside it', () => {
  it.each([
    ['a protected tool', calling('create_project')],
    ['a tool that is not listed', calling('whoami')],
    ['a method that is not listed', naming('resources/read')],
    ['an open tool at a revision whose servers compare nothing', { ...search, 'MCP-Protocol-Version': '2025-11-25' }],
    ['a request that names nothing', { 'X-Original-Method': 'POST' }],
    // No server compares the headers of a request without a body, or of one that is for another of its handlers.
    ['a stream that claims to be an open method', { ...list, 'X-Original-Method': 'GET' }],
    ['the end of a session that claims to be one', { ...list, 'X-Original-Method': 'DELETE' }],
    ['a stream whose client adds that it is a POST', { ...list, 'X-Forwarded-Method': 'GET' }],
    ['a request whose method no proxy tells', { ...list, 'X-Original-Method': '' }],
    ['an open tool at another path', { ...search, 'X-Original-URI': '/admin' }],
    ['an open tool at a path below', { ...search, 'X-Original-URI': '/mcp/admin' }],
    ['one whose client adds a harmless path', { ...search, 'X-Original-URI': '/admin', 'X-Forwarded-Uri': '/mcp' }],
  ])('%s is answered with the challenge', (_name, headers) => expectTold({ headers }, refused(401)));
});
