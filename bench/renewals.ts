import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { createAuthorizationServer } from '../src/app.ts';
import { loadConfig } from '../src/config/index.ts';
import { directory } from './a-directory.ts';
import { withHighLimits } from './high-limits.ts';
import { closeConnections } from './http-client.ts';
import { startRedisServer } from './redis-server.ts';
import { connect, refresh, registerTool } from './tool.ts';

/**
 * What the last of many renewals of one connection costs beside the tenth, and what the connection takes in the store.
 * `node bench/renewals.ts [count]`: both stores, one after the other; a renewal is one HTTP request to a server in this
 * process, so the figures are ratios and nothing else.
 */
const renewals = Number(process.argv[2] ?? 100_000);
const windowSize = Math.min(2000, Math.floor(renewals / 4));

/** CPU of this process, and time, a renewal. */
interface Cost {
  readonly cpuMs: number;
  readonly ms: number;
}

async function measure(settings: Record<string, string>): Promise<{ first: Cost; last: Cost; clientId: string }> {
  const http = createServer();
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const issuer = `${origin}/mcp`;
  const config = loadConfig({
    ISSUER: issuer,
    STORE_SECRET: 'x1'.repeat(16),
    DEMO: '0',
    LOG_LEVEL: 'error',
    ...settings,
  });
  const server = await createAuthorizationServer(withHighLimits(config), { directory });
  http.on('request', server.callback());
  const endpoint = (name: string) => `${issuer}/oauth/${name}`;
  const ready = {
    origin,
    register: endpoint('register'),
    authorize: endpoint('authorize'),
    token: endpoint('token'),
    resource: issuer,
  };
  const clientId = await registerTool(ready);
  let token = await connect(ready, clientId, 0);
  const renew = async (times: number): Promise<Cost> => {
    const [cpu, start] = [process.cpuUsage(), performance.now()];
    for (let time = 0; time < times; time += 1) token = await refresh(ready, clientId, token);
    const { user, system } = process.cpuUsage(cpu);
    return { cpuMs: (user + system) / 1000 / times, ms: (performance.now() - start) / times };
  };

  // Another connection warms the code up: the first window must not measure the compiler.
  let warm = await connect(ready, clientId, 1);
  for (let time = 0; time < 2 * windowSize; time += 1) warm = await refresh(ready, clientId, warm);
  await renew(10);
  const first = await renew(windowSize);
  await renew(renewals - 2 * windowSize - 10);
  const last = await renew(windowSize);
  closeConnections();
  http.closeAllConnections();
  await new Promise((resolve) => http.close(resolve));
  await server.close();
  return { first, last, clientId };
}

function report(store: string, { first, last }: { first: Cost; last: Cost }, size: string): void {
  const ratio = (name: keyof Cost) => (last[name] / first[name]).toFixed(2);
  process.stdout.write(
    `${store}: the last ${windowSize} of ${renewals} renewals cost ${ratio('cpuMs')} × the CPU and ${ratio('ms')} × the time of the first; ${size}\n`,
  );
}

/** Every key that holds something of the one connection that was renewed so often. */
async function sizeInRedis(port: number): Promise<string> {
  const client = new Redis(port, '127.0.0.1');
  const connections = (await client.keys('*connection:{*')).map((key) => /\{(.+)\}/.exec(key)?.[1] ?? '');
  const sizes = await Promise.all(
    connections.map(async (id) => {
      const keys = await client.keys(`*{${id}}*`);
      const bytes = await Promise.all(keys.map((key) => client.memory('USAGE', key)));
      return { keys: keys.length, bytes: bytes.reduce<number>((sum, each) => sum + Number(each), 0) };
    }),
  );
  client.disconnect();
  const largest = sizes.toSorted((a, b) => b.bytes - a.bytes)[0] ?? { keys: 0, bytes: 0 };
  return `${largest.bytes} bytes in ${largest.keys} keys of Redis`;
}

{
  await using redis = await startRedisServer();
  const cost = await measure({ REDIS_URL: `redis://127.0.0.1:${redis.port}` });
  report('Redis', cost, await sizeInRedis(redis.port));
}
{
  const folder = await mkdtemp(join(tmpdir(), 'renewals-'));
  const file = join(folder, 'auth.db');
  const cost = await measure({ DATABASE: file });
  report('SQLite', cost, `${(await stat(file)).size} bytes of file`);
  await rm(folder, { recursive: true });
}
