import type { RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  findIdentity,
  type Identity,
  type LazyProtectionOptions,
  type Nobody,
  type Protection,
  protectResource,
} from '@bkend/mcp-gateway';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import Koa from 'koa';
import { listening } from '../support/listening.ts';
import { bearer, RESOURCE } from './issuer.ts';

/** What is open in the tests of lazy authentication, and what the rest needs. */
export const LAZY: Omit<LazyProtectionOptions, 'issuer' | 'resource'> = {
  scopes: ['project:read'],
  tools: { search_docs: 'open', list_projects: [], create_project: ['project:create'] },
  methods: { initialize: 'open', 'tools/list': 'open', 'resources/read': ['table:read'] },
};

export type LazyProtection = Protection<Identity | Nobody>;
export type Serve = (protection: LazyProtection) => RequestListener;

/** Applications that say who asks (`null`: nobody) and what of the body reached them. */
export const SERVERS: Record<string, Serve> = {
  'node:http': (protection) => async (req, res) => {
    const who = await protection.middleware(req, res);
    if (who) res.end(JSON.stringify({ who: who.isNobody ? null : who.accountId, body: await text(req) }));
  },
  Express: (protection) =>
    express()
      .use(protection.middleware, express.text({ type: '*/*', limit: '1mb' }))
      .use((req, res) => void res.json({ who: findIdentity(req)?.accountId ?? null, body: req.body ?? '' })),
  Koa: (protection) => {
    const app = new Koa().use(protection.koa);
    // It would print what a client did that left.
    app.silent = true;
    const answer = async (ctx: Koa.Context) =>
      Object.assign(ctx, { body: { who: ctx.state.auth?.accountId ?? null, body: await text(ctx.req) } });
    return app.use(answer).callback();
  },
  'a fetch runtime': ({ authenticate }) =>
    getRequestListener(async (request) => {
      // As a runtime names it: by the URL that people enter.
      const asked = new Request(new URL(new URL(request.url).pathname, RESOURCE), request);
      const who = await authenticate(asked);
      if (who instanceof Response) return who;
      return Response.json({ who: who.isNobody ? null : who.accountId, body: await asked.text() });
    }),
};

type Init = RequestInit & { readonly token?: string; readonly path?: string };

/** `post`: JSON to the resource, unless the rest says otherwise; a text is sent exactly as it is. */
export async function startLazy(
  issuer: string,
  serve: Serve = SERVERS['node:http'] as Serve,
  options: Partial<LazyProtectionOptions> = {},
) {
  const protection = protectResource({ issuer, resource: RESOURCE, ...LAZY, ...options } as LazyProtectionOptions);
  const served = await listening(serve(protection));
  return {
    ...served,
    post: (body: unknown, { token, path = '/mcp', ...init }: Init = {}) =>
      fetch(`${served.origin}${path}`, {
        method: 'POST',
        body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
        ...init,
        headers: {
          'content-type': 'application/json',
          ...(token !== undefined && bearer(token)),
          ...(init.headers as Record<string, string>),
        },
      }),
  };
}

export const message = (method: string, params: object = {}) => ({ jsonrpc: '2.0', id: 1, method, params });
export const calling = (name: string) => message('tools/call', { name, arguments: {} });
export const notifying = (method: string) => ({ jsonrpc: '2.0', method });
