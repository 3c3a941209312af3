import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { type RedisGroup, startClusterGroup, startSentinelGroup } from '../../support/redis-groups.ts';

/** Where the servers keep everything, as whoever breaks it sees it. */
export interface LabStore extends AsyncDisposable {
  readonly env: Record<string, string>;
  /** The name of every refresh line, to be counted. */
  lines(): Promise<string[]>;
}

export interface LoneRedis extends LabStore {
  readonly operator: Redis;
  readonly pid: number;
  kill(): Promise<void>;
  startAgain(): Promise<void>;
}

export interface GroupStore extends LabStore {
  readonly group: RedisGroup;
}

export interface FileStore extends LabStore {
  /** From now on the file does not grow, as on a full disk. */
  fill(): Promise<void>;
  free(): Promise<void>;
}

/** `fsync`: as `appendfsync` of redis.conf. */
export async function loneRedis(fsync: 'always' | 'everysec' = 'always'): Promise<LoneRedis> {
  const directory = await mkdtemp(join(tmpdir(), 'faults-redis-'));
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

export async function sqliteFile(): Promise<FileStore> {
  const directory = await mkdtemp(join(tmpdir(), 'faults-sqlite-'));
  const [file, full] = [join(directory, 'auth.db'), join(directory, 'full')];
  const limited = fileURLToPath(new URL('./full-disk.mjs', import.meta.url));
  return {
    env: { DATABASE: file, DISK_IS_FULL: full, NODE_OPTIONS: `--import=${limited}` },
    fill: () => writeFile(full, ''),
    free: () => rm(full),
    async lines() {
      using database = new DatabaseSync(file, { readOnly: true });
      const rows = database.prepare("SELECT key FROM records WHERE key LIKE 'refresh-line:%'").all();
      return rows.map(({ key }) => String(key));
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

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
