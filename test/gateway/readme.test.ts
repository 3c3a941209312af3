import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import * as kit from '@bkend/mcp-gateway';
import * as vocabulary from '@bkend/mcp-gateway/vocabulary';
import { describe, expect, it } from '@jest/globals';
import { shared } from '../support/shared.ts';
import { createIssuer } from './issuer.ts';
import { firstMessage, runFile, runProgram, stop } from './programs.ts';

const README = readFileSync(new URL('../../gateway/README.md', import.meta.url), 'utf8');
const RESOURCE = 'https://gateway.example.com/mcp';
const CHALLENGE = /^WWW-Authenticate: (.*)$/m.exec(README)?.[1];

const issuer = shared(createIssuer);

function programOf(heading: string): string {
  const chapter = README.split(/^## /m).find((text) => text.startsWith(heading)) ?? '';
  return /```ts\n([\s\S]*?)```/.exec(chapter)?.[1] ?? '';
}

describe('the README of the kit', () => {
  it.each(['node:http', 'Express', 'Koa'])(
    'shows a program for %s that greets, and answers the 401 it shows',
    async (heading) => {
      const program = runProgram(programOf(heading), issuer.url);
      const url = `http://127.0.0.1:${await firstMessage(program)}/mcp`;
      const refused = await fetch(url);
      const token = await issuer.sign({ aud: RESOURCE });
      const greeted = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
      await stop(program);
      expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, CHALLENGE]);
      expect(await greeted.text()).toBe('Hello account-ada of acme');
    },
  );

  it.each([
    ['project:*', 200, 'Deleted for acme'],
    ['project:read', 403, 'insufficient_scope'],
  ])('shows an MCP server that answers %s with %d', async (scope, status, text) => {
    const program = runProgram(programOf('An MCP server'), issuer.url);
    const token = await issuer.sign({ aud: RESOURCE, scope });
    const headers = {
      authorization: `Bearer ${token}`,
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
    };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'delete_all' } });
    const response = await fetch(`http://127.0.0.1:${await firstMessage(program)}/mcp`, {
      method: 'POST',
      headers,
      body,
    });
    await stop(program);
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(text);
  });

  it('shows an MCP server that lets nobody call what is open, and leaves out of its list what a token may not call', async () => {
    const program = runProgram(programOf('Tools that need no token'), issuer.url);
    const url = `http://127.0.0.1:${await firstMessage(program)}/mcp`;
    const token = await issuer.sign({ aud: RESOURCE });
    const ask = async (method: string, params: object, sent?: string) => {
      const headers = {
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
        ...(sent && { authorization: `Bearer ${sent}` }),
      };
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
      return (await fetch(url, { method: 'POST', headers, body })).text();
    };
    const answers = [
      await ask('tools/call', { name: 'search_docs' }),
      await ask('tools/call', { name: 'delete_all' }),
      await ask('tools/list', {}),
      await ask('tools/list', {}, token),
    ];
    await stop(program);
    expect(answers).toEqual([
      expect.stringContaining('See the documentation'),
      expect.stringContaining('unauthorized'),
      expect.stringMatching(/search_docs.*delete_all/),
      expect.not.stringContaining('delete_all'),
    ]);
  });

  it('shows a fetch handler that greets a good token and no other', async () => {
    const token = await issuer.sign({ aud: RESOURCE });
    const calls = `for (const token of ['${token}', 'bad']) {
      const request = new Request('${RESOURCE}', { headers: { authorization: 'Bearer ' + token } });
      const response = await answer(request);
      answers.push(response.status + await response.text());
    }`;
    const program = runProgram(
      `${programOf('Any other')}\nconst answers = [];\n${calls}\nprocess.send(answers);`,
      issuer.url,
    );
    expect(await firstMessage(program)).toEqual(['200Hello account-ada of acme', expect.stringMatching(/^401\{/)]);
    await stop(program);
  });

  it('names everything that the kit exports, and everything that a protection has', () => {
    const protection = kit.protectResource({ issuer: issuer.url, resource: RESOURCE, scopes: [] });
    const names = [...Object.keys(kit), ...Object.keys(vocabulary), ...Object.keys(protection)];
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(README))).toEqual([]);
  });

  it('lists every error code', () => {
    const source = readFileSync(new URL('../../gateway/src/gateway-error.ts', import.meta.url), 'utf8');
    const codes = [...source.matchAll(/\| '([A-Z_]+)'/g)].map(([, code]) => code);
    const listed = [...README.matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(([, code]) => code);
    expect(listed.toSorted()).toEqual(codes.toSorted());
  });

  it('lists every option', () => {
    const sources = ['protection-options', 'key-set', 'verify-access-token'].map((file) =>
      readFileSync(new URL(`../../gateway/src/${file}.ts`, import.meta.url), 'utf8'),
    );
    const names = sources.flatMap((source) =>
      [...source.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name),
    );
    const chapter = README.split(/^## /m).find((text) => text.startsWith('Options')) ?? '';
    const listed = [...chapter.matchAll(/^\| `(\w+)` +\|/gm)].map(([, name]) => name);
    expect(listed.toSorted()).toEqual([...new Set(names)].filter((name) => name !== 'cache').toSorted());
  });
});

describe('the demonstration server alone', () => {
  it('starts from its environment, answers, and ends when it is told to', async () => {
    const program = runFile('examples/mcp-server/main.ts', { PORT: '0', ISSUER: issuer.url, RESOURCE });
    const [line] = await once(program.stdout as NodeJS.ReadableStream, 'data');
    expect(String(line)).toContain(`MCP server at ${RESOURCE}, people sign in at ${issuer.url}`);
    expect(await stop(program)).toBe(0);
  });
});
