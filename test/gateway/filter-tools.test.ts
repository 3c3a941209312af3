import { type GatewayError, type LazyProtectionOptions, protectResource } from '@bkend/mcp-gateway';
import { describe, expect, it, jest } from '@jest/globals';
import { shared } from '../support/shared.ts';
import { APPLICATIONS, type Application, type Given } from './answering-applications.ts';
import { answerOf } from './gateway.ts';
import { createIssuer, RESOURCE } from './issuer.ts';
import { LAZY, type LazyProtection, message, type Serve, startLazy } from './lazy.ts';

const issuer = shared(createIssuer);

const TOOLS = ['search_docs', 'list_projects', 'create_project', 'drop_table', 'unlisted'];
const tools = {
  search_docs: 'open',
  list_projects: [],
  create_project: ['project:create'],
  drop_table: ['table:delete'],
} as const;
const FILTERING: Partial<LazyProtectionOptions> = { tools, filterTools: true };

const listing = (id: unknown = 1, more: object = {}) => ({
  jsonrpc: '2.0',
  id,
  result: { tools: TOOLS.map((name) => ({ name, description: 'für alle' })), nextCursor: '2', ...more },
});
const namesIn = (answer: unknown) => (answer as ReturnType<typeof listing>).result.tools.map(({ name }) => name);

const pieces = (text: string, length: number) => {
  const bytes = Buffer.from(text);
  const beginnings = Array.from({ length: Math.ceil(bytes.length / length) }, (_, at) => at * length);
  return beginnings.map((at) => new Uint8Array(bytes.subarray(at, at + length)));
};
const json = (value: unknown): Given => ({ type: 'application/json', pieces: pieces(JSON.stringify(value), 50) });
const events = (text: string, length: number): Given => ({ type: 'text/event-stream', pieces: pieces(text, length) });

/** What a client hears that asks for the list of tools, with these scopes. */
async function ask(serve: Serve, scope: string | undefined, method = 'POST', options = FILTERING): Promise<Response> {
  await using gateway = await startLazy(issuer.url, serve, options);
  const token = scope === undefined ? {} : { token: await issuer.sign({ scope }) };
  const body = method === 'GET' && { body: null };
  const answer = await gateway.post(message('tools/list'), { method, ...token, ...body });
  return new Response(await answer.text(), answer);
}

const EXPECTED: [scope: string | undefined, names: string[]][] = [
  ['', ['search_docs']],
  ['project:read', ['search_docs', 'list_projects', 'unlisted']],
  ['project:*', ['search_docs', 'list_projects', 'create_project', 'unlisted']],
  ['*:*', TOOLS],
  // Whoever has no token must see what leads to the sign-in page.
  [undefined, TOOLS],
];

describe.each(Object.entries(APPLICATIONS))('the list of tools of %s', (_name, application) => {
  it.each(EXPECTED)('is filtered for the scopes "%s" as JSON', async (scope, names) => {
    const answer = await ask(application(json(listing())), scope);
    const body = await answer.json();
    expect(answer.status).toBe(200);
    expect(namesIn(body)).toEqual(names);
    expect(body).toMatchObject({ jsonrpc: '2.0', id: 1, result: { nextCursor: '2' } });
  });

  it.each(EXPECTED)('is filtered for the scopes "%s" in a stream of events', async (scope, names) => {
    const before = ': hello\n\nid: 1\ndata:\n\n';
    const listed = `event: message\nid: 2\ndata: ${JSON.stringify(listing())}\n\n`;
    const answer = await ask(application(events(`${before}${listed}`, 37)), scope);
    const text = await answer.text();
    expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(text.slice(0, before.length)).toBe(before);
    const [last = ''] = text.slice(before.length).split('\n\n');
    expect(last.split('\n').slice(0, 2)).toEqual(['event: message', 'id: 2']);
    expect(namesIn(JSON.parse(last.replace(/^[\s\S]*data: /, '')))).toEqual(names);
  });
});

const plain = APPLICATIONS['node:http, by writeHead, write and end'] as Application;
const dataOf = (text: string) =>
  text
    .replace(/\r\n|\r/g, '\n')
    .split(/\n{2,}/)
    .map((event) => event.replaceAll(/^data: ?/gm, ''));

describe('a stream of events', () => {
  const text = JSON.stringify(listing(), null, 1);
  const other = JSON.stringify(listing('other'));

  it.each([
    ['CRLF', '\r\n'],
    ['LF', '\n'],
    ['CR', '\r'],
  ])('may have lines that end with %s, data in many lines, and be cut anywhere', async (_name, end) => {
    const event = [...text.split('\n').map((line) => `data: ${line}`), '', ''].join(end);
    const other = ['data: {"jsonrpc":"2.0","method":"notifications/message"}', '', ''].join(end);
    for (const length of [1, 2, 3, 1000]) {
      const answer = await ask(plain(events(`${other}${event}${other}`, length)), 'project:read');
      const [first, listed = '', last] = dataOf(await answer.text());
      const notice = expect.stringContaining('notifications');
      expect([first, last]).toEqual([notice, notice]);
      expect(namesIn(JSON.parse(listed))).toEqual(['search_docs', 'list_projects', 'unlisted']);
    }
  });

  it('goes on event by event, while the answer is not at its end', async () => {
    const open: Serve = (protection) => async (req, res) => {
      if (!(await protection.middleware(req, res))) return;
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write(`data: ${JSON.stringify(listing())}\n\n`);
    };
    await using gateway = await startLazy(issuer.url, open, FILTERING);
    const { body } = await gateway.post(message('tools/list'), { token: await issuer.sign({ scope: '' }) });
    const { value } = (await body?.getReader().read()) ?? {};
    expect(namesIn(JSON.parse(String(new TextDecoder().decode(value)).replace('data: ', '')))).toEqual(['search_docs']);
  });

  it.each([
    ['also where it tells again what was listed on another one', 'GET', `id: 9\ndata: ${other}\n\n`],
    ['where its last event is not ended', 'POST', `data: ${JSON.stringify(listing())}\n`],
  ])('is filtered %s', async (_where, method, said) => {
    const answer = await ask(plain(events(said, 64)), 'project:read', method);
    expect(await answer.text()).not.toContain('drop_table');
  });
});

describe('an answer of JSON', () => {
  it('may be a batch: each list of it is filtered, and nothing else', async () => {
    const [called, failed] = [{ result: { content: [] } }, { error: { code: 1 } }];
    const others = [called, failed].map((each, id) => ({ jsonrpc: '2.0', id, ...each }));
    const answer = await ask(plain(json([listing(), ...others, listing('four')])), 'project:*');
    const body = (await answer.json()) as object[];
    const filtered = expect.not.arrayContaining(['drop_table']);
    expect([namesIn(body[0]), body.slice(1, 3), namesIn(body[3])]).toEqual([filtered, others, filtered]);
    expect(body).toHaveLength(4);
  });

  it('for one token is not kept for everybody (MCP 2026-07-28)', async () => {
    const shared = { ttlMs: 1000, cacheScope: 'public' };
    const answer = await ask(plain(json(listing(1, shared))), '*:*');
    expect(await answer.json()).toMatchObject({ result: { ttlMs: 1000, cacheScope: 'private' } });
  });

  it('that needs no filter comes byte by byte as it was, and one that is no JSON, too', async () => {
    for (const text of [JSON.stringify(listing(), null, 3), 'no JSON']) {
      const given = { type: 'application/json; charset=utf-8', pieces: pieces(text, 9) };
      expect(await (await ask(plain(given), '*:*')).text()).toBe(text);
    }
  });

  it('has no length, digest or tag of what it was', async () => {
    const headers = { etag: '"a"', digest: 'sha-256=a', 'content-length': String(JSON.stringify(listing()).length) };
    const byEnd = APPLICATIONS['node:http, by end alone'] as Application;
    const answer = await ask(byEnd({ ...json(listing()), headers }), 'project:read');
    expect([answer.headers.get('etag'), answer.headers.get('digest')]).toEqual([null, null]);
    expect(namesIn(await answer.json())).not.toContain('drop_table');
  });

  it('is whole without the option, and for what is no list', async () => {
    const given = json(listing());
    expect(namesIn(await (await ask(plain(given), 'project:read', 'POST', { tools })).json())).toEqual(TOOLS);
    await using gateway = await startLazy(issuer.url, plain(given), FILTERING);
    const other = await gateway.post(message('tools/call', { name: 'list_projects' }), { token: await issuer.sign() });
    expect(namesIn(await other.json())).toEqual(TOOLS);
  });
});

describe('what cannot be filtered', () => {
  /** What a client hears of the application, and which refusals the gateway is told of. */
  async function refused(name: string, given: Given) {
    const codes: string[] = [];
    const options = { ...FILTERING, onRefusal: ({ code }: GatewayError) => void codes.push(code) };
    const asked = ask((APPLICATIONS[name] as Application)(given), 'project:read', 'POST', options);
    const answer = await asked.then(answerOf, () => 'cut');
    return { answer, codes };
  }

  const inBrotli = { ...json(listing()), headers: { 'content-encoding': 'br' } };

  it.each(['node:http, by writeHead, write and end', 'node:http, by end alone', 'a fetch runtime'])(
    'because it is encoded, is not given: %s',
    async (name) => {
      const answer = { status: 500, body: { error: { code: -32603 } } };
      expect(await refused(name, inBrotli)).toMatchObject({ answer, codes: ['ANSWER_UNREADABLE'] });
    },
  );

  it.each(['node:http, by writeHead, write and end', 'a fetch runtime'])(
    'because it is too long, is cut before it can be read: %s',
    async (name) => {
      // @hono/node-server prints what ends an answer.
      using _quiet = jest.spyOn(console, 'error').mockImplementation(() => undefined);
      const long = Array.from({ length: 18 }, () => new Uint8Array(1024 * 1024).fill(0x61));
      for (const type of ['application/json', 'text/event-stream'])
        expect(await refused(name, { type, pieces: long })).toEqual({ answer: 'cut', codes: ['ANSWER_UNREADABLE'] });
    },
  );

  it('because its request passed no protection, is a fault of the program', () => {
    const { filterTools }: LazyProtection = protectResource({ issuer: issuer.url, resource: RESOURCE, ...LAZY });
    const missing = expect.objectContaining({ code: 'IDENTITY_MISSING' });
    expect(() => filterTools(new Request(RESOURCE), new Response())).toThrow(missing);
  });
});
