import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import type { RedisProtection } from './redis-protection.ts';

export interface RedisServerOptions {
  /** Keeps an append-only file. */
  readonly appendOnly?: boolean;
  /** Where to keep it; the caller removes it. */
  readonly directory?: string;
  /** Absent: any free one. */
  readonly port?: number;
  /** More lines of its configuration file. */
  readonly configuration?: string;
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A real Redis of its own on the loopback interface; resolves when it answers. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await launch(options);
    } catch (error) {
      // Another process may have taken the free port meanwhile.
      if (options.port !== undefined || attempt === 3) throw error;
    }
  }
}

/** Three primaries without replicas that share the slots; resolves when each of them serves all. */
export async function startRedisCluster(protection?: RedisProtection) {
  await using started = new AsyncDisposableStack();
  const members: ClusterMember[] = [];
  for (const slots of [[0, 5460] as const, [5461, 10922] as const, [10923, 16383] as const]) {
    const [busPort, tlsPort] = [await freePort(), await freePort()];
    const configuration = `cluster-enabled yes\ncluster-port ${busPort}\n${protection?.redis(tlsPort) ?? ''}`;
    const server = started.use(await startRedis({ configuration }));
    members.push({ server, port: protection ? tlsPort : server.port, busPort, slots });
  }
  await introduce(members, protection?.operator);
  await Promise.all(members.map(({ server }) => server.logged('Cluster state changed: ok')));
  const servers = started.move();
  const stop = () => servers.disposeAsync();
  const nodes = members.map(({ server: { pid }, port }) => ({ host: '127.0.0.1', port, pid }));
  return { nodes, stop, [Symbol.asyncDispose]: stop };
}

/**
 * A sentinel that names this primary `bkend`; it needs a file of its own, in which it keeps what it learns. `quorum`: so many
 * of them must find the primary away.
 */
export async function startRedisSentinel(primaryPort: number, configuration = '', quorum = 1): Promise<RedisServer> {
  const watching = `sentinel monitor bkend 127.0.0.1 ${primaryPort} ${quorum}\n`;
  return launch({ configuration: watching + configuration }, 'Sentinel ID is');
}

/**
 * A port for a program that is about to start. Below those that systems give to outgoing connections: what two workers
 * of the test runner open meanwhile cannot take it.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 30_000);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

async function launch(options: RedisServerOptions, ready = 'Ready to accept connections') {
  const port = options.port ?? (await freePort());
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'redis-')));
  const file = join(directory, 'redis.conf');
  await writeFile(file, configurationOf(port, directory, options));
  const child = spawn('redis-server', isSentinel(options) ? [file, '--sentinel'] : [file], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'close');
  running.add(child);

  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    running.delete(child);
    child.kill('SIGCONT'); // one that a test has frozen would not hear SIGTERM
    child.kill(signal);
    await ended;
  };
  const stop = async () => {
    await end('SIGTERM');
    if (options.directory === undefined) await rm(directory, { recursive: true, force: true });
  };
  const logged = followLog(child);
  try {
    await logged(ready);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    pid: child.pid as number,
    /** Resolves when its log has said this. */
    logged,
    /** kill -9; what it wrote stays until `stop`. */
    kill: () => end('SIGKILL'),
    /** Ends it in order and removes its folder, unless the folder was given. */
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

export type RedisServer = Awaited<ReturnType<typeof launch>>;

function isSentinel({ configuration }: RedisServerOptions): boolean {
  return configuration?.startsWith('sentinel') === true;
}

function configurationOf(port: number, directory: string, options: RedisServerOptions): string {
  const { appendOnly, configuration = '' } = options;
  const always = `port ${port}\nbind 127.0.0.1\ndir ${directory}\nshutdown-timeout 0\n`;
  if (isSentinel(options)) return always + configuration;
  return `${always}save ""\nappendonly ${appendOnly ? 'yes' : 'no'}\n${configuration}`;
}

function followLog(child: ChildProcess): (text: string) => Promise<void> {
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let ended = false;
  const wake = () => {
    for (const look of waiting) look();
  };
  if (!child.stdout) throw new Error('redis-server has no output');
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line);
    wake();
  });
  const end = () => {
    ended = true;
    wake();
  };
  child.once('close', end);
  child.once('error', end);

  return (text) =>
    new Promise((resolve, reject) => {
      const look = () => {
        if (lines.some((line) => line.includes(text))) resolve();
        else if (ended) reject(new Error(`redis-server ended before it said "${text}":\n${lines.join('\n')}`));
        else return;
        waiting.delete(look);
      };
      waiting.add(look);
      look();
    });
}

interface ClusterMember {
  readonly server: RedisServer;
  /** That the others and clients come to. */
  readonly port: number;
  readonly busPort: number;
  readonly slots: readonly [from: number, to: number];
}

/** What `redis-cli --cluster create` does, which does not know of separate bus ports. */
async function introduce(
  members: readonly ClusterMember[],
  operator: { readonly password?: string } = {},
): Promise<void> {
  const clients = members.map(({ server }) => new Redis(server.url, { ...operator }));
  try {
    for (const [index, client] of clients.entries()) {
      await client.call('CLUSTER', 'ADDSLOTSRANGE', ...(members[index]?.slots ?? []));
      await client.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
    }
    for (const client of clients) {
      for (const { port, busPort } of members) await client.call('CLUSTER', 'MEET', '127.0.0.1', port, busPort);
    }
  } finally {
    for (const client of clients) client.disconnect();
  }
}
