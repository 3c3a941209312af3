import { setTimeout as delay } from 'node:timers/promises';
import { isBusy } from './open-database.ts';

/** For how long the lock of another process is waited for; clients are told to come back afterwards. */
const patienceMs = 2000;
const retryMs = 10;

/** Tries again while another process has the lock, and holds up nobody meanwhile who asks for something else. */
export async function untilUnlocked<T>(attempt: () => T): Promise<T> {
  const until = performance.now() + patienceMs;
  for (;;) {
    try {
      return attempt();
    } catch (error) {
      if (!isBusy((error as Error).cause) || performance.now() >= until) throw error;
    }
    await delay(retryMs);
  }
}
