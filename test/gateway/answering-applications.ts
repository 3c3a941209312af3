import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { getRequestListener } from '@hono/node-server';
import compression from 'compression';
import express from 'express';
import Koa from 'koa';
import { RESOURCE } from './issuer.ts';
import type { Serve } from './lazy.ts';

/** What an application answers, in pieces as it writes them. */
export interface Given {
  readonly type: string;
  readonly pieces: readonly Uint8Array[];
  readonly headers?: Record<string, string>;
}
export type Application = (given: Given) => Serve;

const headersOf = ({ type, headers = {} }: Given) => ({ 'content-type': type, ...headers });

/** The ways in which an application may answer a request that passed the protection. */
export const APPLICATIONS: Record<string, Application> = {
  'node:http, by writeHead, write and end': (given) => (protection) => async (req, res) => {
    if (!(await protection.middleware(req, res))) return;
    res.writeHead(200, 'Fine', Object.entries(headersOf(given)).flat());
    for (const piece of given.pieces) await new Promise((resolve) => res.write(piece, resolve));
    res.end();
  },
  'node:http, by a pipe': (given) => (protection) => async (req, res) => {
    if (!(await protection.middleware(req, res))) return;
    for (const [name, value] of Object.entries(headersOf(given))) res.setHeader(name, value);
    Readable.from(given.pieces).pipe(res);
  },
  'node:http, by end alone': (given) => (protection) => async (req, res) => {
    if (!(await protection.middleware(req, res))) return;
    const whole = Buffer.concat(given.pieces);
    res.writeHead(200, { ...headersOf(given), 'Content-Length': String(whole.length) });
    res.end(whole.toString('latin1'), 'latin1');
  },
  'Express, compressed behind': (given) => (protection) =>
    sendByExpress(express().use(protection.middleware, compression()), given),
  'Express, compressed in front': (given) => (protection) =>
    sendByExpress(express().use(compression(), protection.middleware), given),
  Koa: (given) => sendByKoa(given, () => Buffer.concat(given.pieces)),
  'Koa, by a stream': (given) => sendByKoa(given, () => Readable.from(given.pieces)),
  'a fetch runtime': (given) =>
    serveFetch((headers) => new Response(ReadableStream.from(given.pieces), { headers }), given),
  'a fetch runtime, compressed': (given) =>
    serveFetch((headers) => {
      const zipped = gzipSync(Buffer.concat(given.pieces));
      return new Response(zipped, { headers: { ...headers, 'content-encoding': 'gzip' } });
    }, given),
};

function sendByExpress(app: express.Express, given: Given): express.Express {
  return app.use((_req, res) => {
    res.set(headersOf(given));
    for (const piece of given.pieces) res.write(piece);
    res.end();
  });
}

function sendByKoa(given: Given, body: () => Buffer | Readable): Serve {
  const send: Koa.Middleware = (ctx) => {
    ctx.body = body();
    ctx.set(headersOf(given));
  };
  return (protection) => new Koa().use(protection.koa).use(send).callback();
}

function serveFetch(answer: (headers: Record<string, string>) => Response, given: Given): Serve {
  return ({ authenticate, filterTools }) =>
    getRequestListener(async (request) => {
      const asked = new Request(RESOURCE, request);
      const who = await authenticate(asked);
      return who instanceof Response ? who : filterTools(asked, answer(headersOf(given)));
    });
}
