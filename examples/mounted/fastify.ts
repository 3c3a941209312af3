import formbody from '@fastify/formbody';
import helmet from '@fastify/helmet';
import createFastify from 'fastify';
import { type Application, createParts, type Parts, type Settings, serve } from './parts.ts';

export async function createApplication(settings: Settings, parts?: Parts): Promise<Application> {
  const { server, authorization, mcp, path } = await createParts(settings, parts);
  // People type a slash behind the URL; Fastify knows none unless told.
  const app = createFastify({ routerOptions: { ignoreTrailingSlash: true } });
  // `onRequest` comes before Fastify reads a body.
  app.addHook('onRequest', async (request, reply) => {
    if (await authorization(request.raw, reply.raw)) return void reply.hijack();
  });
  await app.register(helmet);
  await app.register(formbody);
  app.all(path, async (request, reply) => {
    reply.hijack();
    await mcp(Object.assign(request.raw, { body: request.body }), reply.raw);
  });
  app.get('/', () => 'Welcome');
  app.post('/contact', (request) => request.body);
  await app.ready();
  return { http: app.server, server };
}

if (import.meta.main) serve(await createApplication(process.env));
