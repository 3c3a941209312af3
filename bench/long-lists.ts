import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAuthorizationServer } from '../src/app.ts';
import { loadConfig } from '../src/config/index.ts';
import { createConnections } from '../src/connections/index.ts';
import { createRecordNames, createVault, openStore } from '../src/storage/index.ts';
import { directory } from './a-directory.ts';
import { withHighLimits } from './high-limits.ts';
import { closeConnections } from './http-client.ts';
import { emailOf } from './people.ts';
import { startRedisServer } from './redis-server.ts';
import { spreadOf } from './statistics.ts';
import { connect, registerTool } from './tool.ts';

/**
 * What an approval, and a page, of an account and organization with many connections costs beside one with ten.
 * `node bench/long-lists.ts [connections]`: both stores, one after the other; in each two servers of this process take turns,
 * so the figures are ratios and nothing else.
 */
const many = Number(process.argv[2] ?? 20_000);
const few = 10;
const rounds = 15;
const turn = 10;
const storeSecret = 'x1'.repeat(16);

interface Cost {
  readonly approvalMs: number;
  readonly pageMs: number;
}

/** A server whose one person has so many connections, for one organization, and what a turn of it costs. */
async function startWith(count: number, settings: Record<string, string>) {
  const http = createServer();
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const issuer = `${origin}/mcp`;
  const config = withHighLimits(
    loadConfig({ ISSUER: issuer, STORE_SECRET: storeSecret, DEMO: '0', LOG_LEVEL: 'error', ...settings }),
  );
  const store = openStore(config.store, (error) => process.stderr.write(`${error.message}\n`));
  const server = await createAuthorizationServer(config, { directory, store });
  http.on('request', server.callback());
  const endpoint = (name: string) => `${issuer}/oauth/${name}`;
  const ready = {
    ...{ origin, resource: issuer, register: endpoint('register') },
    ...{ authorize: endpoint('authorize'), token: endpoint('token') },
  };
  const clientId = await registerTool(ready);
  const prefix = config.store.kind === 'redis' ? config.store.prefix : '';
  const connections = createConnections({
    store,
    names: createRecordNames(prefix, createVault(storeSecret)),
    revocations: { connectionEnded: async () => undefined },
    onEnded: () => undefined,
  });
  for (let n = 0; n < count; n += 1) {
    await connections.begin({ ...connectionOf(n), clientId, resource: issuer }, 24 * 60 * 60);
  }

  async function timeOf(work: () => Promise<unknown>): Promise<number> {
    const begun = performance.now();
    for (let n = 0; n < turn; n += 1) await work();
    return (performance.now() - begun) / turn;
  }
  return {
    takeTurn: async (): Promise<Cost> => ({
      approvalMs: await timeOf(() => connect(ready, clientId, 0)),
      pageMs: await timeOf(() => connections.findPage({ organizationId: 'org' }, { number: 1, size: few })),
    }),
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      await server.close();
      await store.close();
    },
  };
}

function connectionOf(n: number) {
  return {
    ...{ id: `grant-${n}`, accountId: emailOf(0), clientName: 'A tool', label: 'A tool', organizationId: 'org' },
    ...{ redirectHost: '127.0.0.1:8765', scopes: ['project:read'], identityScopes: [], lines: ['line'] },
    ...{ createdAt: 1_700_000_000 + n, lastUsedAt: 1_700_000_000 + n, address: '127.0.0.1', userAgent: '' },
  };
}

async function measure(store: string, settings: [Record<string, string>, Record<string, string>]): Promise<void> {
  const [short, long] = [await startWith(few, settings[0]), await startWith(many, settings[1])];
  // The first turns warm the code up.
  for (let round = 0; round < 3; round += 1) await Promise.all([short.takeTurn(), long.takeTurn()]);
  const ratios: Cost[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 ? [short, long] : [long, short];
    const costs = new Map<object, Cost>();
    for (const server of order) costs.set(server, await server.takeTurn());
    const [one, other] = [costs.get(short) as Cost, costs.get(long) as Cost];
    ratios.push({ approvalMs: other.approvalMs / one.approvalMs, pageMs: other.pageMs / one.pageMs });
  }
  const say = (name: keyof Cost) => {
    const { median, min, max } = spreadOf(ratios.map((ratio) => ratio[name]));
    return `${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`;
  };
  process.stdout.write(
    `${store}: with ${many} connections in place of ${few} a flow takes ${say('approvalMs')} × as long, a page of the list ${say('pageMs')} ×\n`,
  );
  closeConnections();
  await Promise.all([short.close(), long.close()]);
}

{
  await using redis = await startRedisServer();
  const REDIS_URL = `redis://127.0.0.1:${redis.port}`;
  await measure('Redis', [
    { REDIS_URL, REDIS_PREFIX: 'short:' },
    { REDIS_URL, REDIS_PREFIX: 'long:' },
  ]);
}
await measure('SQLite', [{ DATABASE: ':memory:' }, { DATABASE: ':memory:' }]);
