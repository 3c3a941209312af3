import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Address {
  readonly host: string;
  readonly port: number;
}

interface Application {
  readonly callback: RequestListener;
  /** Called once it can be reached. */
  ready(port: number): void;
}

/** Creates the application, then listens: a process that is not ready refuses connections, which a balancer understands. */
export async function serve(
  http: Server,
  { host, port }: Address,
  create: (port: number) => Promise<Application>,
): Promise<void> {
  if (port === 0) return serveOnAnyPort(http, host, create);
  const { callback, ready } = await create(port);
  http.on('request', callback);
  ready(await listen(http, { host, port }));
}

/** The other way round, for the issuer contains the port; a request that comes too early waits for its answer. */
async function serveOnAnyPort(http: Server, host: string, create: (port: number) => Promise<Application>) {
  const early: [IncomingMessage, ServerResponse][] = [];
  const wait = (...exchange: (typeof early)[number]) => void early.push(exchange);
  http.on('request', wait);
  const port = await listen(http, { host, port: 0 });
  const { callback, ready } = await create(port);
  http.off('request', wait).on('request', callback);
  for (const exchange of early) callback(...exchange);
  ready(port);
}

export function listen(http: Server, { host, port }: Address): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, host, () => resolve((http.address() as AddressInfo).port));
  });
}
