import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2 } from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { type GatewayError, protectResource } from '@bkend/mcp-gateway';
import { describe, expect, it } from '@jest/globals';
import koaBodyparser from '@koa/bodyparser';
import express from 'express';
import createFastify, { type FastifyInstance } from 'fastify';
import Koa from 'koa';
import { shared } from '../support/shared.ts';
import { createIssuer, RESOURCE } from './issuer.ts';
import { calling, LAZY, SERVERS, type Serve, startLazy } from './lazy.ts';

const issuer = shared(createIssuer);

const CALLS = ['search_docs', 'list_projects'].map(calling);

const sendBack: Koa.Middleware = (ctx) => void Object.assign(ctx, { body: ctx.request.body });

/** Each says what its handler found of the body. */
const WITH_PARSERS: Record<string, Serve> = {
  'express.json() in front': (protection) =>
    express().use(express.json(), protection.middleware, (req, res) => void res.json(req.body)),
  'express.json() behind': (protection) =>
    express().use(protection.middleware, express.json(), (req, res) => void res.json(req.body)),
  'express.text() in front': (protection) =>
    express().use(express.text({ type: '*/*' }), protection.middleware, (req, res) => void res.send(req.body)),
  'express.raw() in front': (protection) =>
    express().use(express.raw({ type: '*/*' }), protection.middleware, (req, res) => void res.send(req.body)),
  'a parser of forms in front, which leaves `{}`': (protection) => {
    const leave: express.RequestHandler = (req, _res, next) => next(void Object.assign(req, { body: {} }));
    return express().use(leave, protection.middleware, async (req, res) => void res.send(await text(req)));
  },
  'two protections, and a parser between them': (protection) =>
    express().use(protection.middleware, express.json(), protection.middleware, (req, res) => void res.json(req.body)),
  '@koa/bodyparser in front': ({ koa }) => new Koa().use(koaBodyparser()).use(koa).use(sendBack).callback(),
  '@koa/bodyparser behind': ({ koa }) => new Koa().use(koa).use(koaBodyparser()).use(sendBack).callback(),
  'a hook of Fastify before it parses': (protection) => {
    const app = createFastify();
    app.addHook('onRequest', async ({ raw }, reply) => {
      if (!(await protection.middleware(raw, reply.raw))) reply.hijack();
    });
    app.post('/mcp', ({ body }) => body);
    return routed(app);
  },
  'a handler of Fastify that hands on what is parsed': (protection) => {
    const app = createFastify();
    app.post('/mcp', async ({ raw, body }, reply) => {
      reply.hijack();
      if (await protection.middleware(Object.assign(raw, { body }), reply.raw)) reply.raw.end(JSON.stringify(body));
    });
    return routed(app);
  },
};

function routed(app: FastifyInstance): RequestListener {
  const ready = app.ready();
  return (req, res) => void ready.then(() => app.routing(req, res));
}

it.each(Object.entries(WITH_PARSERS))(
  'with %s what is open reaches the application as it was sent, and nothing else does',
  async (_name, serve) => {
    await using gateway = await startLazy(issuer.url, serve);
    const [open, other] = await Promise.all(CALLS.map((call) => gateway.post(call)));
    expect([open?.status, await open?.json()]).toEqual([200, CALLS[0]]);
    expect(other?.status).toBe(401);
  },
);

it('a fetch handler whose request was read before hands on what it read; without that nothing is open', async () => {
  const { authenticate } = protectResource({ issuer: issuer.url, resource: RESOURCE, ...LAZY });
  const headers = { 'content-type': 'application/json' };
  const judged = async (body: unknown, isTold: boolean) => {
    const request = new Request(RESOURCE, { method: 'POST', headers, body: JSON.stringify(body) });
    const parsed = await request.json();
    return authenticate(request, isTold ? parsed : undefined);
  };
  expect(await judged(CALLS[0], true)).toMatchObject({ isNobody: true });
  expect(await judged(CALLS[0], false)).toMatchObject({ status: 401 });
  expect(await judged(CALLS[1], true)).toMatchObject({ status: 401 });
});

it.each([
  [0, 1],
  [1, 0],
])('what a parser took for another message than was sent must be open in both readings', async (sent, understood) => {
  const misread: express.RequestHandler = (req, _res, next) =>
    next(void Object.assign(req, { body: CALLS[understood] }));
  await using gateway = await startLazy(issuer.url, ({ middleware }) => express().use(misread, middleware));
  expect((await gateway.post(CALLS[sent])).status).toBe(401);
});

describe.each(Object.entries(SERVERS))('a body on %s', (_name, serve) => {
  const padded = (length: number) =>
    JSON.stringify({ ...calling('search_docs'), _: '' }).replace('""', `"${'x'.repeat(length)}"`);

  const sendHalf = (origin: string) => {
    const socket = connect(Number(new URL(origin).port), '127.0.0.1');
    const headers = ['Host: a', 'Content-Type: application/json', 'Content-Length: 99'];
    socket.write(`${['POST /mcp HTTP/1.1', ...headers].join('\r\n')}\r\n\r\n{"json`);
    return socket;
  };

  it('is read up to a limit, with or without a length, and whole below it', async () => {
    const refusals = new Set<string>();
    const onRefusal = ({ code }: GatewayError) => void refusals.add(code);
    await using gateway = await startLazy(issuer.url, serve, { maxBodyBytes: 200_000, onRefusal });
    const below = padded(190_000);
    expect(await (await gateway.post(below)).json()).toEqual({ who: null, body: below });
    for (const token of [undefined, await issuer.sign()]) {
      const ask = token === undefined ? {} : { token };
      const chunks = new Blob([padded(300_000)]).stream();
      const chunked = { ...ask, body: chunks, duplex: 'half' } as RequestInit;
      expect((await gateway.post(padded(300_000), ask)).status).toBe(413);
      expect((await gateway.post('', chunked)).status).toBe(413);
    }
    expect([...refusals]).toEqual(['BODY_TOO_LONG']);
  });

  it('that does not arrive is waited for only so long', async () => {
    await using gateway = await startLazy(issuer.url, serve, { maxBodySeconds: 0.2 });
    const socket = sendHalf(gateway.origin);
    const [answer] = await once(socket, 'data');
    socket.destroy();
    expect(String(answer)).toMatch(/^HTTP\/1.1 408 /);
  });

  it('whose client leaves costs nothing but its own request', async () => {
    await using gateway = await startLazy(issuer.url, serve);
    const socket = sendHalf(gateway.origin);
    await once(socket, 'connect');
    socket.destroy();
    expect((await gateway.post(calling('search_docs'))).status).toBe(200);
  });
});

it('a body that comes byte by byte is read whole, also where a character is cut', async () => {
  await using gateway = await startLazy(issuer.url);
  const bytes = new TextEncoder().encode(JSON.stringify({ ...calling('search_docs'), note: 'für alle 🎉' }));
  async function* slowly() {
    for (const byte of bytes) {
      yield Uint8Array.of(byte);
      await new Promise(setImmediate);
    }
  }
  const response = await gateway.post('', { body: ReadableStream.from(slowly()), duplex: 'half' } as RequestInit);
  expect(await response.json()).toEqual({ who: null, body: new TextDecoder().decode(bytes) });
});

it('over HTTP/2 a body is read and put back likewise', async () => {
  const protection = protectResource({ issuer: issuer.url, resource: RESOURCE, ...LAZY });
  const listener = (SERVERS['node:http'] as Serve)(protection) as unknown as Parameters<typeof createHttp2>[1];
  const server = createHttp2({}, listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const ask = async (call: unknown) => {
    const stream = session.request({ ':method': 'POST', ':path': '/mcp', 'content-type': 'application/json' });
    stream.end(JSON.stringify(call));
    const [{ ':status': status }] = (await once(stream, 'response')) as [{ ':status': number }];
    return { status, body: await text(stream) };
  };
  const body = JSON.stringify({ who: null, body: JSON.stringify(CALLS[0]) });
  expect(await ask(CALLS[0])).toEqual({ status: 200, body });
  expect((await ask(CALLS[1])).status).toBe(401);
  session.close();
  server.close();
});
