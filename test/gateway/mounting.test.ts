import type { RequestListener } from 'node:http';
import { identityOf, protectResource } from '@bkend/mcp-gateway';
import { describe, expect, it } from '@jest/globals';
import express from 'express';
import Koa from 'koa';
import { listening } from '../support/listening.ts';
import { bearer, createIssuer, METADATA, RESOURCE } from './issuer.ts';

const { middleware, koa, refuse, requireScopes } = protectResource({
  issuer: 'https://api.example',
  resource: RESOURCE,
  scopes: [],
});

async function statusOf(listener: RequestListener, path: string, token = ''): Promise<number> {
  await using served = await listening(listener);
  return (await fetch(`${served.origin}${path}`, { headers: bearer(token) })).status;
}

describe('a protection within an application', () => {
  it('leaves alone what Express routes before it', async () => {
    const app = express().use('/public', (_req, res) => void res.send('all'));
    app.use(middleware);
    expect([await statusOf(app, '/public'), await statusOf(app, '/private')]).toEqual([200, 401]);
  });

  it('does not take a path below its mount for the metadata of the host', async () => {
    expect(await statusOf(express().use('/below', middleware), `/below${METADATA}`)).toBe(401);
  });

  it('lets Koa middleware further out see its answer', async () => {
    const seen: unknown[] = [];
    const app = new Koa();
    app.use(async (ctx, next) => {
      await next();
      seen.push(ctx.status);
    });
    app.use(koa);
    for (const path of ['/mcp', METADATA]) await statusOf(app.callback(), path);
    expect(seen).toEqual([401, 200]);
  });

  it('waits for a handler that is given as the next step', async () => {
    await using issuer = await createIssuer();
    const { middleware } = protectResource({ issuer: issuer.url, resource: RESOURCE, scopes: [] });
    const greet: RequestListener = (req, res) =>
      void middleware(req, res, async () => res.writeHead(identityOf(req).scopes.length === 2 ? 202 : 500).end());
    expect(await statusOf(greet, '/mcp', await issuer.sign())).toBe(202);
  });

  it('refuses by a function where no middleware fits', async () => {
    const listener: RequestListener = (_req, res) => refuse(res, { scopes: ['project:read'] }, 'project:create');
    expect(await statusOf(listener, '/mcp')).toBe(403);
  });

  it('fails loudly when a route asks for scopes of nobody', async () => {
    const fails: express.ErrorRequestHandler = (_error, _req, res, _next) => void res.sendStatus(500);
    expect(await statusOf(express().use(requireScopes('project:read'), fails), '/mcp')).toBe(500);
  });
});
