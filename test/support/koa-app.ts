import type { AddressInfo } from 'node:net';
import Koa, { type Middleware } from 'koa';

/** A tiny application around one middleware, on a free port. */
export async function serveKoa(...middleware: Middleware[]): Promise<AsyncDisposable & { readonly origin: string }> {
  const app = new Koa();
  app.silent = true;
  for (const each of middleware) app.use(each);
  const http = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => http.once('listening', resolve));
  const { port } = http.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
