import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import type { Context, Middleware } from 'koa';
import { maxBodyBytes, peekBody, readForm, serveEndpoints } from '../../src/http/index.ts';
import { serveKoa } from '../support/koa-app.ts';

const formType = 'application/x-www-form-urlencoded';

/** What a host's parser does: reads everything, and leaves it somewhere in some shape. */
function parser(leave: (ctx: Context, text: string) => void): Middleware {
  return async (ctx, next) => {
    leave(ctx as Context, Buffer.concat(await ctx.req.toArray()).toString());
    await next();
  };
}
const onRequest = (shape: (text: string) => unknown) =>
  parser((ctx, text) => Object.assign(ctx.req, { body: shape(text) }));
const fieldsOf = (text: string): Record<string, unknown> => {
  const fields = new URLSearchParams(text);
  return Object.fromEntries([...new Set(fields.keys())].map((name) => [name, listOf(fields.getAll(name))]));
};
const listOf = (values: string[]) => (values.length === 1 ? values[0] : values);

/** Answers what this reads of a request. */
const answering = (name: string, read: (ctx: Context) => Promise<unknown>) => ({
  name,
  path: `/${name}`,
  methods: ['POST'] as const,
  handler: async (ctx: Context) => {
    ctx.body = await read(ctx);
  },
});
const endpoints = serveEndpoints([
  answering('form', async (ctx) => [...(await readForm(ctx))]),
  answering('bytes', async (ctx) => (await peekBody(ctx, maxBodyBytes)).toString()),
  answering('again', async (ctx) => {
    const read = await peekBody(ctx, maxBodyBytes, (body) => Buffer.concat([body, Buffer.from('&more=1')]));
    await new Promise(setImmediate);
    const again = Buffer.concat(await ctx.req.toArray()).toString();
    return { read: read.toString(), again, length: ctx.get('Content-Length') };
  }),
]);
const answerErrors: Middleware = async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    const { status = 500, message, error_description: description } = error as Error & Record<string, never>;
    ctx.status = status;
    ctx.body = { message, description };
  }
};

async function post(inFront: Middleware, path: string, body: string, type = formType) {
  await using app = await serveKoa(answerErrors, inFront, endpoints);
  const response = await fetch(app.origin + path, { method: 'POST', headers: { 'Content-Type': type }, body });
  return { status: response.status, text: await response.text() };
}

const leavesNothing = parser(() => undefined);
const parsers: [string, Middleware][] = [
  ['nothing', (_ctx, next) => next()],
  ['an object on the request (Express, urlencoded)', onRequest(fieldsOf)],
  ['an object without a prototype', onRequest((text) => Object.assign(Object.create(null), fieldsOf(text)))],
  [
    'a list as an object with numbers for names (qs)',
    onRequest((text) => {
      const entries = Object.entries(fieldsOf(text));
      return Object.fromEntries(entries.map(([name, value]) => [name, Array.isArray(value) ? { ...value } : value]));
    }),
  ],
  ['a URLSearchParams', onRequest((text) => new URLSearchParams(text))],
  ['the text', onRequest((text) => text)],
  ['the bytes', onRequest((text) => Buffer.from(text))],
  ['an object on the request of Koa', parser((ctx, text) => Object.assign(ctx.request, { body: fieldsOf(text) }))],
  ['the raw bytes beside', parser((ctx, text) => Object.assign(ctx.req, { body: {}, rawBody: Buffer.from(text) }))],
];

describe('a body in front of which a parser of the host left', () => {
  it.each(parsers)('%s is read as it was sent (R110)', async (_name, inFront) => {
    const scopes = Array.from({ length: 40 }, (_each, at) => `scope=project${at}%3Aread`).join('&');
    const body = `${scopes}&name=J%C3%BCrgen+%26+co&empty=`;
    const read = await post(inFront, '/form', body);
    expect([read.status, JSON.parse(read.text)]).toEqual([200, [...new URLSearchParams(body)]]);
    const bytes = await post(inFront, '/bytes', body);
    expect([...new URLSearchParams(bytes.text)]).toEqual([...new URLSearchParams(body)]);
  });

  it.each([
    ['an object', onRequest((text) => JSON.parse(text))],
    ['the text', onRequest((text) => text)],
    ['the raw text beside', parser((ctx, text) => Object.assign(ctx.request, { body: {}, rawBody: text }))],
  ])('%s is JSON again (R110)', async (_name, inFront) => {
    const body = { redirect_uris: ['http://127.0.0.1/cb'], client_name: 'é' };
    const { status, text } = await post(inFront, '/bytes', JSON.stringify(body), 'application/json');
    expect([status, JSON.parse(text)]).toEqual([200, body]);
  });

  it.each([
    ['nothing', leavesNothing, formType],
    ['an empty object', onRequest(() => ({})), formType],
    ['a word about it', onRequest(() => true), formType],
    ['nothing, of JSON,', leavesNothing, 'application/json'],
  ])('%s is an error of the host, which is named (R110)', async (_name, inFront, type) => {
    for (const path of ['/form', '/bytes']) {
      const { status, text } = await post(inFront, path, type === formType ? 'a=b' : '{"a":"b"}', type);
      expect(status).toBe(500);
      expect(JSON.parse(text)).toEqual({
        message: expect.stringContaining('left nothing in req.body'),
        description: expect.stringContaining('mount the authorization server before whatever reads bodies'),
      });
    }
  });

  it.each([
    ['in one piece', ['a=b']],
    ['in pieces', ['a=', 'b&c', '=d']],
    ['of many bytes', ['a=', 'b'.repeat(40_000), 'c'.repeat(10_000)]],
    ['of nothing', ['']],
  ])('that was not there, %s, is read and is there again, as changed', async (_name, pieces) => {
    await using app = await serveKoa(answerErrors, endpoints);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const whole = pieces.join('');
    for (const length of [undefined, whole.length, whole.length]) {
      const headers = { 'Content-Type': formType, ...(length !== undefined && { 'Content-Length': length }) };
      const asked = request(`${app.origin}/again`, { agent, method: 'POST', headers });
      for (const piece of pieces) {
        asked.write(piece);
        await new Promise(setImmediate);
      }
      asked.end();
      const [answer] = await once(asked, 'response');
      const told = JSON.parse(Buffer.concat(await answer.toArray()).toString());
      const again = `${whole}&more=1`;
      expect(told).toEqual({ read: whole, again, length: length === undefined ? '' : String(again.length) });
    }
    agent.destroy();
  });

  it('nothing is fine where nothing was sent', async () => {
    expect(await post(leavesNothing, '/form', '')).toEqual({ status: 200, text: '[]' });
  });

  it.each([
    ['/bytes', 56 * 1024, 200],
    ['/bytes', 56 * 1024 + 1, 413],
    ['/form', 32 * 1024 + 1, 413],
  ])('more than fits is refused, however much the host reads: %s of %d', async (path, length, status) => {
    expect((await post(onRequest(fieldsOf), path, `a=${'b'.repeat(length - 2)}`)).status).toBe(status);
  });
});
