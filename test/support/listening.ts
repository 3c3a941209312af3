import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A listener at a free port of this machine. */
export async function listening(listener: RequestListener) {
  const http = createServer({ keepAliveTimeout: 65_000 }, listener).listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      http.closeAllConnections();
      http.close();
    },
  };
}

/** What a server tells its operator in numbers. */
export async function metricsOf({ server }: { readonly server: { operations(): RequestListener } }): Promise<string> {
  await using operations = await listening(server.operations());
  return (await fetch(`${operations.origin}/metrics`)).text();
}
