import { createRequire } from 'node:module';
import { type Logger, pino } from 'pino';

export type Log = Logger;

/** One JSON line an event on standard output; readable lines on a terminal, where the development dependency is there. */
export function createLog(level: string): Log {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  if (!process.stdout.isTTY || !isInstalled('pino-pretty')) return pino(options);
  return pino({
    ...options,
    transport: { target: 'pino-pretty', options: { ignore: 'pid,hostname', singleLine: true } },
  });
}

function isInstalled(module: string) {
  try {
    createRequire(import.meta.url).resolve(module);
    return true;
  } catch {
    return false;
  }
}
