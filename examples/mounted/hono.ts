import type { Server } from 'node:http';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import { type Application, createParts, type Parts, type Settings, serve } from './parts.ts';

export async function createApplication(settings: Settings, parts?: Parts): Promise<Application> {
  const { server, authorization, mcp, path } = await createParts(settings, parts);
  // Not strict: people type a slash behind the URL.
  const app = new Hono<{ Bindings: HttpBindings }>({ strict: false });
  // Before whatever asks for `c.req.parseBody()` or the like: what Hono has read is out of our reach.
  app.use(async (c, next) => {
    if (await authorization(c.env.incoming, c.env.outgoing)) return RESPONSE_ALREADY_SENT;
    await next();
  });
  app.all(path, async (c) => {
    await mcp(c.env.incoming, c.env.outgoing);
    return RESPONSE_ALREADY_SENT;
  });
  app.get('/', (c) => c.text('Welcome'));
  app.post('/contact', async (c) => c.json(await c.req.parseBody()));
  return { http: createAdaptorServer({ fetch: app.fetch }) as Server, server };
}

if (import.meta.main) serve(await createApplication(process.env));
