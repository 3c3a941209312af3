import { Redis } from 'ioredis';
import { isLookAtTheStore } from '../../bench/redis-commands.ts';

/** Without what every server does by itself, unless told otherwise. */
export async function monitorRedis(url: string, ignores = isLookAtTheStore) {
  const observer = new Redis(url);
  const monitor = await startMonitor(observer);
  const sent: string[] = [];
  monitor.on('monitor', (_time, args: string[], source: string) => {
    if (source === 'lua' || ignores(args)) return;
    sent.push(args.map((arg) => (arg.startsWith('--[[') ? '<script>' : arg)).join(' '));
  });

  /** The monitor reports in order: when this has come through, so has everything before it. */
  async function everythingWasReported(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const listen = (_time: string, args: string[]) => args[0] === 'echo' && resolve();
    monitor.on('monitor', listen);
    await observer.echo('done');
    await promise;
    monitor.off('monitor', listen);
  }

  return {
    /** What was sent meanwhile, without what scripts did inside of Redis; the text of a script as `<script>`. */
    async commandsOf(act: () => Promise<unknown>) {
      await everythingWasReported();
      sent.length = 0;
      await act();
      await everythingWasReported();
      return sent.filter((command) => command !== 'echo done');
    },
    close() {
      monitor.disconnect();
      observer.disconnect();
    },
  };
}

/** ioredis 6.0 gives up when somebody else's command is reported before it has read the answer to MONITOR. */
async function startMonitor(observer: Redis, attempts = 10): Promise<Redis> {
  try {
    return await observer.monitor();
  } catch (error) {
    if (attempts === 1) throw error;
    return startMonitor(observer, attempts - 1);
  }
}
