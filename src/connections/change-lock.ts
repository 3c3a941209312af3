import { setTimeout as delay } from 'node:timers/promises';
import type { RecordNames, Store } from '../storage/index.ts';

/**
 * A change is told with a few seconds' reach: what is issued within it and says otherwise is refused (revocations.ts). A
 * connection that moved on and back within the reach would get tokens that are right and refused as long as they live. So
 * whoever changes a connection holds a lock on it, for a second longer than the reach, because a change is told a moment
 * after the lock was acquired.
 */
export const lockSeconds = 7;
const retryMs = 250;

interface Parts {
  readonly store: Store;
  readonly names: RecordNames;
  readonly timeoutMs: number;
}

/** A lock on a connection that nobody releases: it expires. */
export interface ChangeLock {
  /** Waits while somebody holds it for another organization; false when that takes too long. */
  acquire(connectionId: string, organizationId: string): Promise<boolean>;
}

export function createChangeLock({ store, names, timeoutMs }: Parts): ChangeLock {
  /** Whoever changes it for the organization of the last time needs not wait: what is told is the same. */
  async function tryToAcquire(lock: string, organizationId: string): Promise<boolean> {
    const value = JSON.stringify({ organizationId });
    if (await store.writeIfAbsent(lock, value, lockSeconds)) return true;
    if ((await store.read(lock))?.value !== value) return false;
    await store.write(lock, value, lockSeconds);
    return true;
  }

  return {
    async acquire(connectionId, organizationId) {
      const lock = names.connectionChangeLock(connectionId);
      const until = performance.now() + timeoutMs;
      while (!(await tryToAcquire(lock, organizationId))) {
        if (performance.now() >= until) return false;
        await delay(retryMs);
      }
      return true;
    },
  };
}
