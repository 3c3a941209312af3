import { type Protection, type ProtectionOptions, protectResource } from '@bkend/mcp-gateway';
import express from 'express';
import Koa from 'koa';
import { close, listen, RESOURCE } from './issuer.ts';

export type Framework = 'node:http' | 'Express' | 'Koa';
export const FRAMEWORKS: readonly Framework[] = ['node:http', 'Express', 'Koa'];

export interface Gateway {
  readonly protection: Protection;
  readonly request: (path: string, init?: RequestInit) => Promise<Response>;
  /** `GET /mcp` with a token. */
  readonly call: (token: string, path?: string) => Promise<Response>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A gateway whose every path says who asks; `/projects` needs `project:create` beyond the base scopes. */
export async function createGateway(
  issuer: string,
  options: Partial<ProtectionOptions> = {},
  framework: Framework = 'node:http',
): Promise<Gateway> {
  const protection = protectResource({ issuer, resource: RESOURCE, scopes: ['project:read'], ...options });
  const { server, origin } = await listen(LISTENERS[framework](protection));
  const request = (path: string, init?: RequestInit) => fetch(`${origin}${path}`, init);
  return {
    protection,
    request,
    call: (token, path = '/mcp') => request(path, { headers: { authorization: `Bearer ${token}` } }),
    [Symbol.asyncDispose]: () => close(server),
  };
}

const LISTENERS = { 'node:http': listenPlainly, Express: listenWithExpress, Koa: listenWithKoa };

function listenPlainly(protection: Protection): Parameters<typeof listen>[0] {
  const requireCreate = protection.requireScopes('project:create');
  return async (req, res) => {
    const identity = await protection.middleware(req, res);
    if (!identity) return;
    if (req.url === '/projects' && !(await requireCreate(req, res))) return;
    res.end(JSON.stringify(identity));
  };
}

function listenWithExpress(protection: Protection): Parameters<typeof listen>[0] {
  const app = express();
  app.use(protection.middleware);
  app.use('/projects', protection.requireScopes('project:create'));
  app.use((req, res) => {
    res.json((req as unknown as { auth: object }).auth);
  });
  return app;
}

function listenWithKoa(protection: Protection): Parameters<typeof listen>[0] {
  const app = new Koa();
  const requireCreate = protection.requireScopesKoa('project:create');
  app.use(protection.koa);
  app.use((ctx, next) => (ctx.path === '/projects' ? requireCreate(ctx, next) : next()));
  app.use((ctx) => {
    ctx.body = ctx.state.auth;
  });
  return app.callback();
}
