import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Redis } from 'ioredis';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { type RedisGroup, startClusterGroup, startSentinelGroup } from '../../support/redis-groups.ts';
import { mountSmallDisk, type SmallDisk } from './small-disk.ts';

/** Where the servers keep everything, as whoever breaks it sees it. */
export interface LabStore extends AsyncDisposable {
  readonly env: Record<string, string>;
  /** The name of every refresh line, to be counted. */
  lines(): Promise<string[]>;
}

export interface GroupStore extends LabStore {
  readonly group: RedisGroup;
}

/** Kept on a disk that can be full. */
export interface StoreOnSmallDisk extends LabStore {
  readonly disk: SmallDisk;
}

/** `fsync`: as `appendfsync` of redis.conf. */
export async function loneRedis(fsync: 'always' | 'everysec' = 'always', folder?: string) {
  const directory = await mkdtemp(join(folder ?? tmpdir(), 'faults-redis-'));
  const options = { appendOnly: true, directory, configuration: `appendfsync ${fsync}\n` };
  let server: RedisServer = await startRedis(options);
  const { port, url } = server;
  const operator = watching(port);
  return {
    env: { REDIS_URL: url },
    operator,
    get pid() {
      return server.pid;
    },
    kill: () => server.kill(),
    async startAgain() {
      server = await startRedis({ ...options, port });
    },
    lines: () => linesAt(port),
    async [Symbol.asyncDispose]() {
      operator.disconnect();
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export type LoneRedis = Awaited<ReturnType<typeof loneRedis>>;

export const sentinels = () => groupStore(startSentinelGroup());
export const cluster = () => groupStore(startClusterGroup());

async function groupStore(starting: Promise<RedisGroup>): Promise<GroupStore> {
  const group = await starting;
  return {
    env: group.env,
    group,
    lines: async () => (await Promise.all((await group.primaries()).map(({ port }) => linesAt(port)))).flat(),
    [Symbol.asyncDispose]: () => group[Symbol.asyncDispose](),
  };
}

export async function sqliteFile(folder?: string): Promise<LabStore> {
  const directory = await mkdtemp(join(folder ?? tmpdir(), 'faults-sqlite-'));
  const file = join(directory, 'auth.db');
  return {
    env: { DATABASE: file },
    async lines() {
      using database = new DatabaseSync(file, { readOnly: true });
      const rows = database.prepare("SELECT key FROM records WHERE key LIKE 'refresh-line:%'").all();
      return rows.map(({ key }) => String(key));
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

/** The same on a disk that can be full. */
export const onSmallDisk = (create: (folder: string) => Promise<LabStore>) => async (): Promise<StoreOnSmallDisk> => {
  await using mounted = new AsyncDisposableStack();
  const disk = mounted.use(await mountSmallDisk());
  const { env, lines } = mounted.use(await create(disk.path));
  const all = mounted.move();
  return { env, lines, disk, [Symbol.asyncDispose]: () => all.disposeAsync() };
};

function watching(port: number): Redis {
  const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 50, maxRetriesPerRequest: null });
  client.on('error', () => undefined); // it is killed on purpose
  return client;
}

async function linesAt(port: number): Promise<string[]> {
  const client = watching(port);
  const found = new Set<string>();
  let cursor = '0';
  do {
    const [next, keys] = await client.scan(cursor, 'MATCH', '*refresh-line:*', 'COUNT', 1000);
    for (const key of keys) found.add(key);
    cursor = next;
  } while (cursor !== '0');
  client.disconnect();
  return [...found];
}
