import Koa, { type Middleware } from 'koa';
import { listening } from './listening.ts';

/** A tiny application around one middleware, on a free port. */
export function serveKoa(...middleware: Middleware[]) {
  const app = new Koa();
  app.silent = true;
  for (const each of middleware) app.use(each);
  return listening(app.callback());
}
