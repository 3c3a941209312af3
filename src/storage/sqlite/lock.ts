import { setTimeout as delay } from 'node:timers/promises';
import { Wait } from '../patience.ts';
import { isBusy } from './open-database.ts';

const retryMs = 10;

/** Tries again while another process has the lock, and holds up nobody meanwhile who asks for something else. */
export async function untilUnlocked<T>(attempt: () => T): Promise<T> {
  const wait = new Wait();
  const until = performance.now() + wait.leftMs;
  try {
    for (;;) {
      try {
        return attempt();
      } catch (error) {
        if (!isBusy((error as Error).cause) || performance.now() >= until) throw error;
      }
      await delay(retryMs);
    }
  } finally {
    wait.end();
  }
}
