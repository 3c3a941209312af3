import { createServer } from 'node:http';
import compression from 'compression';
import express from 'express';
import helmet from 'helmet';
import { type Application, createParts, type Parts, type Settings, serve } from './parts.ts';

export async function createApplication(settings: Settings, parts?: Parts): Promise<Application> {
  const { server, authorization, mcp, path } = await createParts(settings, parts);
  const app = express();
  // What most applications have in front of everything; nothing of it needs an exception.
  app.use(helmet(), compression(), express.json(), express.urlencoded());
  app.use(authorization);
  app.all(path, mcp);
  app.get('/', (_req, res) => void res.send('Welcome'));
  app.post('/contact', (req, res) => void res.json(req.body));
  return { http: createServer(app), server };
}

if (import.meta.main) serve(await createApplication(process.env));
