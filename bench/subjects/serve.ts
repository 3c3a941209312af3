import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where the load generator finds what it calls. */
export interface Ready {
  readonly origin: string;
  readonly register: string;
  readonly token: string;
  /** Absent: it has no pages; the token endpoint takes any code. */
  readonly authorize?: string;
  readonly resource: string;
}

export const redisUrl = process.env.BENCH_REDIS_URL ?? 'redis://127.0.0.1:6379';

/** The process of one subject: answers its parent's questions, and ends with it. */
export function serve(
  start: (origin: string) => Promise<{ listener: RequestListener; endpoints: Omit<Ready, 'origin'> }>,
): void {
  process.on('disconnect', () => process.exit(0));
  process.on('message', async (question) => {
    if (question === 'start') process.send?.(await listen(start));
    if (question === 'cpu') process.send?.(cpuMs());
  });
}

async function listen(start: Parameters<typeof serve>[0]): Promise<Ready> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { listener, endpoints } = await start(origin);
  server.on('request', listener);
  return { origin, ...endpoints };
}

function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
