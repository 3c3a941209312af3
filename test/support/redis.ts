import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { follow } from './child-output.ts';
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
  const members: { server: RedisServer; port: number; busPort: number }[] = [];
  for (let n = 0; n < 3; n += 1) {
    const [busPort, tlsPort] = [await freePort(), await freePort()];
    const configuration = `cluster-enabled yes\ncluster-port ${busPort}\n${protection?.redis(tlsPort) ?? ''}`;
    const server = started.use(await startRedis({ configuration }));
    members.push({ server, port: protection ? tlsPort : server.port, busPort });
  }
  const operators = members.map(({ server }) => new Redis(server.url, { ...protection?.operator }));
  await joinCluster(operators, members).finally(() => {
    for (const each of operators) each.disconnect();
  });
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
  running.add(child);
  const { exit: ended, until } = follow(child);
  const logged = (text: string) => until(`"${text}"`, ({ stdout }) => stdout.includes(text));

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

/** A third of the slots for each of three primaries. */
const thirds = [[0, 5460] as const, [5461, 10_922] as const, [10_923, 16_383] as const];

/**
 * What `redis-cli --cluster create` does, which does not know of separate bus ports: the first three share the slots, and the
 * first meets all.
 */
export async function joinCluster(
  operators: readonly Pick<Redis, 'call'>[],
  addresses: readonly { readonly port: number; readonly busPort: number }[],
): Promise<void> {
  for (const [index, slots] of thirds.entries()) {
    await operators[index]?.call('CLUSTER', 'ADDSLOTSRANGE', ...slots);
    await operators[index]?.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
  }
  for (const { port, busPort } of addresses) await operators[0]?.call('CLUSTER', 'MEET', '127.0.0.1', port, busPort);
}
