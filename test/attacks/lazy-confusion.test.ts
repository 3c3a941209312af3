import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { createIssuer } from '../gateway/issuer.ts';
import { calling, SERVERS, startLazy } from '../gateway/lazy.ts';
import { shared } from '../support/shared.ts';

/** A call that needs a token and looks like one that needs none (of no chapter: our own). */
const issuer = shared(createIssuer);

const open = JSON.stringify(calling('search_docs'));
const call = (params: string, rest = '"method":"tools/call"') => `{"jsonrpc":"2.0","id":1,${rest},"params":${params}}`;
const utf16 = new Uint8Array(Buffer.from(open, 'utf16le'));

/** What one reader could take for what is open, and another for what is not. */
const CONFUSING: [what: string, body: string | Uint8Array, headers?: Record<string, string>][] = [
  ['names the tool twice', call('{"name":"search_docs","name":"list_projects"}')],
  ['names the tool twice, the open one last', call('{"name":"list_projects","name":"search_docs"}')],
  ['names it once plainly and once escaped', call('{"name":"search_docs","n\\u0061me":"list_projects"}')],
  ['names it once in capitals, as Go reads it', call('{"name":"search_docs","Name":"list_projects"}')],
  ['has the parameters twice', `${call('{"name":"search_docs"}').slice(0, -1)},"params":{"name":"list_projects"}}`],
  ['has other parameters in capitals', `${call('{"name":"search_docs"}').slice(0, -1)},"Params":{"name":"a"}}`],
  ['has two methods', call('{"name":"a"}', '"method":"tools/list","method":"tools/call"')],
  ['has a method with a long s', call('{"name":"a"}', '"method":"tools/list","param\\u017f":{}')],
  ['has a name deep in an array twice', call('{"name":"search_docs","arguments":[{"a":1,"a":2}]}')],
  ['has a name that is a list', call('{"name":["search_docs"]}')],
  ['has parameters by position', call('["search_docs"]')],
  ['has no name', call('{}')],
  ['has a method that is no text', call('{"name":"search_docs"}', '"method":["tools/list"]')],
  ['is a batch in a batch', `[[${open}]]`],
  ['is an empty batch', '[]'],
  ['is a batch with something else', `[${open},null]`],
  ['is followed by more', `${open}${open}`],
  ['is two lines of JSON', `${open}\n${open}`],
  ['has a comment', `${open}// ${calling('list_projects')}`],
  ['is nothing', ''],
  ['is no object', '"tools/list"'],
  ['is neither request nor answer', '{"jsonrpc":"2.0","id":1}'],
  ['is not UTF-8', new Uint8Array([...new TextEncoder().encode(open.slice(0, -1)), 0xff, 0x7d])],
  ['is UTF-16', utf16],
  ['says UTF-7', open, { 'content-type': 'application/json; charset=utf-7' }],
  ['says two types', open, { 'content-type': 'application/json, text/plain' }],
  ['is a form', open, { 'content-type': 'application/x-www-form-urlencoded' }],
  ['has no type', open, { 'content-type': '' }],
  ['is compressed', new Uint8Array(gzipSync(open)), { 'content-encoding': 'gzip' }],
  ['says that it is compressed', open, { 'content-encoding': 'br' }],
];

describe.each(Object.entries(SERVERS))('on %s', (_name, serve) => {
  const gateway = shared(() => startLazy(issuer.url, serve));

  it.each(CONFUSING)(
    'a body that %s opens nothing, and needs every scope of a token',
    async (_what, body, headers = {}) => {
      expect((await gateway.post(body, { headers })).status).toBe(401);
      const some = await issuer.sign({ scope: 'project:read' });
      expect((await gateway.post(body, { headers, token: some })).status).toBe(403);
      const every = await issuer.sign({ scope: 'project:* table:read' });
      // A body parser behind may have something to say.
      expect([401, 403]).not.toContain((await gateway.post(body, { headers, token: every })).status);
    },
  );

  it.each(['Basic YTpi', 'Bearer', 'Bearer ', 'DPoP abc'])(
    '"%s" is no token, and opens nothing more',
    async (authorization) => {
      const headers = { authorization };
      expect((await gateway.post(open, { headers })).status).toBe(200);
      expect((await gateway.post(calling('list_projects'), { headers })).status).toBe(401);
    },
  );

  it('headers that name an open tool open nothing: the body says what is called', async () => {
    const headers = { 'mcp-method': 'tools/call', 'mcp-name': 'search_docs', 'mcp-protocol-version': '2026-07-28' };
    expect((await gateway.post(calling('list_projects'), { headers })).status).toBe(401);
  });

  it.each(['PUT', 'PATCH'])('a %s with an open message is none', async (method) => {
    expect((await gateway.post(open, { method })).status).toBe(405);
  });
});
