import type { RequestListener } from 'node:http';
import { type Protection, type ProtectionOptions, type Protections, protectResource } from '@bkend/mcp-gateway';
import express from 'express';
import Koa from 'koa';
import { listening } from '../support/listening.ts';
import { bearer, RESOURCE } from './issuer.ts';

export type Framework = 'node:http' | 'Express' | 'Koa';
export const FRAMEWORKS: readonly Framework[] = ['node:http', 'Express', 'Koa'];
export type Gateway = Awaited<ReturnType<typeof createGateway>>;

/** A gateway whose every path says who asks; `/projects` needs `project:create` beyond the base scopes. */
export async function createGateway(
  issuer: string,
  options: Partial<ProtectionOptions> = {},
  framework: Framework = 'node:http',
) {
  const protection = protectResource({ issuer, resource: RESOURCE, scopes: ['project:read'], ...options });
  return { protection, ...(await serve(protection, framework)) };
}

/** The same, protected already, be it one resource or several. */
export async function serve(door: Door, framework: Framework = 'node:http') {
  const served = await listening(LISTENERS[framework](door));
  const request = (path: string, init?: RequestInit) => fetch(`${served.origin}${path}`, init);
  /** `GET /mcp` with a token. */
  const call = (token: string, path = '/mcp') => request(path, { headers: bearer(token) });
  return { ...served, request, call };
}

/** What a client is told: the status, the challenge and the document. */
export async function answerOf(response: Response) {
  const { status, headers } = response;
  const text = await response.text();
  return { status, challenge: headers.get('www-authenticate'), body: text === '' ? undefined : JSON.parse(text) };
}

type Door = Protections & Partial<Pick<Protection, 'requireScopes' | 'requireScopesKoa'>>;

const LISTENERS: Record<Framework, (door: Door) => RequestListener> = {
  'node:http': (door) => async (req, res) => {
    const identity = await door.middleware(req, res);
    if (!identity) return;
    if (req.url === '/projects' && !(await door.requireScopes?.('project:create')(req, res))) return;
    res.end(JSON.stringify(identity));
  },
  Express: (door) => {
    const app = express().use(door.middleware);
    if (door.requireScopes) app.use('/projects', door.requireScopes('project:create'));
    return app.use((req, res) => void res.json((req as unknown as { auth: object }).auth));
  },
  Koa: (door) => {
    const app = new Koa().use(door.koa);
    const requireCreate = door.requireScopesKoa?.('project:create');
    if (requireCreate) app.use((ctx, next) => (ctx.path === '/projects' ? requireCreate(ctx, next) : next()));
    return app.use((ctx) => void Object.assign(ctx, { body: ctx.state.auth })).callback();
  },
};
