import { createServer } from 'node:http';
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import Koa from 'koa';
import { type Application, createParts, type Parts, type Settings, serve } from './parts.ts';

export async function createApplication(settings: Settings, parts?: Parts): Promise<Application> {
  const { server, authorization, mcp, path } = await createParts(settings, parts);
  const app = new Koa();
  app.use(async (ctx, next) => {
    if (!(await authorization(ctx.req, ctx.res))) return next();
    ctx.respond = false;
  });
  // Behind us. In front of us it needs `patchNode: true`, or what it read is out of our reach.
  app.use(bodyParser({ patchNode: true }));
  const routes = new Router();
  routes.all(path, async (ctx) => {
    ctx.respond = false;
    await mcp(ctx.req, ctx.res);
  });
  routes.get('/', (ctx) => {
    ctx.body = 'Welcome';
  });
  routes.post('/contact', (ctx) => {
    ctx.body = ctx.request.body;
  });
  app.use(routes.routes());
  return { http: createServer(app.callback()), server };
}

if (import.meta.main) serve(await createApplication(process.env));
