import { once } from 'node:events';
import * as kit from '@bkend/mcp-gateway';
import * as vocabulary from '@bkend/mcp-gateway/vocabulary';
import { describe, expect, it } from '@jest/globals';
import { firstMessage, stop } from '../support/child-output.ts';
import { shared } from '../support/shared.ts';
import { createIssuer } from './issuer.ts';
import { mcpCall, README, README_RESOURCE, readSource, runFile, runProgram, serveProgram } from './programs.ts';

const CHALLENGE = /^WWW-Authenticate: (.*)$/m.exec(README)?.[1];

const issuer = shared(createIssuer);
const sign = (claims: object = {}) => issuer.sign({ aud: README_RESOURCE, ...claims });

/** The options that a source of the kit declares. */
const optionsIn = (source: string) => [...source.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name);

describe('the README of the kit', () => {
  it.each(['node:http', 'Express', 'Koa'])(
    'shows a program for %s that greets, and answers the 401 it shows',
    async (heading) => {
      await using program = await serveProgram(heading, issuer.url);
      const refused = await program.ask();
      expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, CHALLENGE]);
      expect(await (await program.ask(await sign())).text()).toBe('Hello account-ada of acme');
    },
  );

  it.each([
    ['project:*', 200, 'Deleted for acme'],
    ['project:read', 403, 'insufficient_scope'],
  ])('shows an MCP server that answers %s with %d', async (scope, status, text) => {
    await using program = await serveProgram('An MCP server', issuer.url);
    const response = await program.ask(await sign({ scope }), mcpCall('tools/call', { name: 'delete_all' }));
    expect([response.status, await response.text()]).toEqual([status, expect.stringContaining(text)]);
  });

  it('shows an MCP server that lets nobody call what is open, and leaves out of its list what a token may not call', async () => {
    await using program = await serveProgram('Tools that need no token', issuer.url);
    const ask = async (method: string, params: object, token?: string) =>
      (await program.ask(token, mcpCall(method, params))).text();
    expect([
      await ask('tools/call', { name: 'search_docs' }),
      await ask('tools/call', { name: 'delete_all' }),
      await ask('tools/list', {}),
      await ask('tools/list', {}, await sign()),
    ]).toEqual([
      expect.stringContaining('See the documentation'),
      expect.stringContaining('unauthorized'),
      expect.stringMatching(/search_docs.*delete_all/),
      expect.not.stringContaining('delete_all'),
    ]);
  });

  it('shows a fetch handler that greets a good token and no other', async () => {
    const calls = `const answers = [];
    for (const token of ['${await sign()}', 'bad']) {
      const request = new Request('${README_RESOURCE}', { headers: { authorization: 'Bearer ' + token } });
      const response = await answer(request);
      answers.push(response.status + await response.text());
    }
    process.send(answers);`;
    const program = runProgram('Any other', issuer.url, { change: (code) => `${code}\n${calls}` });
    expect(await firstMessage(program)).toEqual(['200Hello account-ada of acme', expect.stringMatching(/^401\{/)]);
    await stop(program);
  });

  it('names everything that the kit exports, and everything that a protection has', () => {
    const protection = kit.protectResource({ issuer: issuer.url, resource: README_RESOURCE, scopes: [] });
    const names = [kit, vocabulary, protection].flatMap((each) => Object.keys(each));
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(README))).toEqual([]);
  });

  it('lists every error code', () => {
    const codes = [...readSource('gateway/src/gateway-error.ts').matchAll(/\| '([A-Z_]+)'/g)].map(([, code]) => code);
    const listed = [...README.matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(([, code]) => code);
    expect(listed.toSorted()).toEqual(codes.toSorted());
  });

  it('lists every option', () => {
    const sources = ['protection-options', 'key-set', 'verify-access-token'];
    const names = sources.flatMap((file) => optionsIn(readSource(`gateway/src/${file}.ts`)));
    const chapter = README.split(/^## /m).find((text) => text.startsWith('Options')) ?? '';
    const listed = [...chapter.matchAll(/^\| `(\w+)` +\|/gm)].map(([, name]) => name);
    expect(listed.toSorted()).toEqual([...new Set(names)].filter((name) => name !== 'cache').toSorted());
  });
});

describe('the README of the kit, of revocation,', () => {
  it('shows an issuer configuration that names the members as they are', () => {
    const [, json = '{}'] = /```json\n([\s\S]*?)```/.exec(README) ?? [];
    expect(JSON.parse(json)).toMatchObject({
      clients: [{ client_id: 'my-gateway', redirect_uris: [] }],
      resources: [{ client: 'my-gateway' }],
    });
  });

  it('lists every option of followRevocations', () => {
    const source = readSource('gateway/src/follow-revocations.ts');
    const [, options = ''] = /interface FollowOptions[^{]*\{([\s\S]*?\n)\}/.exec(source) ?? [];
    const table = README.slice(README.indexOf('| option of `followRevocations`')).split('\n\n', 1)[0] ?? '';
    const listed = [...table.matchAll(/`(\w+)`(?=[,` ]*[^|]*\|)/g)].map(([, name]) => name);
    expect(listed).toEqual(expect.arrayContaining([...optionsIn(options), 'clientId', 'clientSecret']));
  });
});

it('the README of the kit, of several resources, shows a program that tells them apart', async () => {
  await using program = await serveProgram('Several resources in one process', issuer.url);
  const token = await sign();
  const answers = [];
  for (const path of ['/mcp', '/reports', '/other']) {
    const response = await program.ask(token, { path });
    answers.push(response.status === 200 ? await response.text() : response.status);
  }
  expect(answers).toEqual([`Hello account-ada at ${README_RESOURCE}`, 401, 404]);
});

it('the demonstration server alone starts from its environment, answers, and ends when it is told to', async () => {
  const env = { PORT: '0', ISSUER: issuer.url, RESOURCE: README_RESOURCE };
  const program = runFile('examples/mcp-server/main.ts', env);
  const [line] = await once(program.stdout as NodeJS.ReadableStream, 'data');
  expect(String(line)).toContain(`MCP server at ${README_RESOURCE}, people sign in at ${issuer.url}`);
  expect(await stop(program)).toBe(0);
});
