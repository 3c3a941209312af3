import { Redis } from 'ioredis';

export interface RedisCommands {
  /** Sent by the server, an operation: what costs a round trip. */
  readonly client: number;
  /** Run inside scripts, an operation: what costs Redis only. */
  readonly script: number;
  /** The former by name, most frequent first. */
  readonly names: Readonly<Record<string, number>>;
}

/**
 * Watches Redis while a few operations run. MONITOR tells apart what a client sent and what a script did, which the
 * counters of INFO do not; it slows Redis down, so nothing is timed meanwhile.
 */
export async function countRedisCommands(
  port: number,
  operations: number,
  run: () => Promise<unknown>,
): Promise<RedisCommands> {
  // Its question whether Redis is ready would come among what the monitor tells (ioredis 6.0).
  const client = new Redis(port, '127.0.0.1', { enableReadyCheck: false });
  const monitor = await client.monitor();
  const sent = new Map<string, number>();
  let script = 0;
  const { promise: sawMark, resolve: seeMark } = Promise.withResolvers<void>();
  monitor.on('monitor', (_time: string, [name = '', argument]: string[], source: string) => {
    if (argument === mark) seeMark();
    else if (isLookAtTheStore([name, argument])) return;
    else if (source === 'lua') script += 1;
    else sent.set(name.toUpperCase(), (sent.get(name.toUpperCase()) ?? 0) + 1);
  });
  try {
    for (let operation = 0; operation < operations; operation += 1) await run();
    // The mark comes after everything the operations caused.
    await client.echo(mark);
    await sawMark;
  } finally {
    monitor.disconnect();
    client.disconnect();
  }
  const names = [...sent].map(([name, count]) => [name, count / operations] as const).sort(([, a], [, b]) => b - a);
  const total = names.reduce((sum, [, count]) => sum + count, 0);
  return { client: total, script: script / operations, names: Object.fromEntries(names) };
}

const mark = 'the end of what is counted';

/** Every ten seconds a server of ours looks whether its store can be written, whatever is counted then. */
export function isLookAtTheStore([command = '', key = '']: readonly (string | undefined)[]): boolean {
  return ['ping', 'time', 'info'].includes(command.toLowerCase()) || key.includes(':probe:');
}
