import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';

export interface RedisServer extends AsyncDisposable {
  readonly port: number;
  readonly version: string;
}

/** A Redis of our own, in memory only, on a free port of the loopback interface; it and its folder go when disposed. */
export async function startRedisServer(): Promise<RedisServer> {
  await using started = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'bench-redis-'));
  started.defer(() => rm(folder, { recursive: true, force: true }));

  const port = await freePort();
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'];
  const child = spawn('redis-server', settings, { stdio: 'ignore' });
  await once(child, 'spawn');
  const ended = once(child, 'exit');
  const killAtExit = () => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', killAtExit);
  started.defer(async () => {
    process.off('exit', killAtExit);
    child.kill('SIGTERM');
    await ended;
  });

  const version = await Promise.race([findVersion(port), ended.then(() => Promise.reject(new Error('Redis ended')))]);
  const all = started.move();
  return { port, version, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** Answers as soon as Redis does. */
async function findVersion(port: number): Promise<string> {
  const client = new Redis(port, '127.0.0.1', { maxRetriesPerRequest: null, retryStrategy: () => 20 });
  client.on('error', () => undefined); // it is not there yet: the client tries again
  const server = await client.info('server');
  await client.quit();
  return /redis_version:(\S+)/.exec(server)?.[1] ?? 'unknown';
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
