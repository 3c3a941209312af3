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
interface ChangeLock {
  /** Waits while somebody holds it for what allows less; false when that takes too long. */
  acquire(connectionId: string, state: ConnectionState): Promise<boolean>;
  /** The same for whoever takes nothing away: what they add must not be refused by what was told a moment ago. */
  waitFor(connectionId: string, state: ConnectionState): Promise<boolean>;
}

/** What tokens may say from now on. */
export interface ConnectionState {
  readonly organizationId: string;
  readonly scopes: readonly string[];
}

export function createChangeLock({ store, names, timeoutMs }: Parts): ChangeLock {
  /** Whoever leaves no more than the last change did needs not wait: none of it is refused. */
  async function tryToAcquire(lock: string, state: ConnectionState): Promise<boolean> {
    const value = JSON.stringify(state);
    if (await store.writeIfAbsent(lock, value, lockSeconds)) return true;
    if (!(await isFree(lock, state))) return false;
    await store.write(lock, value, lockSeconds);
    return true;
  }

  async function isFree(lock: string, state: ConnectionState): Promise<boolean> {
    const held = await store.read(lock);
    return !held || allows(JSON.parse(held.value), state);
  }

  async function retry(attempt: () => Promise<boolean>): Promise<boolean> {
    const until = performance.now() + timeoutMs;
    while (!(await attempt())) {
      if (performance.now() >= until) return false;
      await delay(retryMs);
    }
    return true;
  }

  return {
    acquire: (connectionId, state) => retry(() => tryToAcquire(names.connectionChangeLock(connectionId), state)),
    waitFor: (connectionId, state) => retry(() => isFree(names.connectionChangeLock(connectionId), state)),
  };
}

function allows(held: ConnectionState, { organizationId, scopes }: ConnectionState): boolean {
  return held.organizationId === organizationId && scopes.every((scope) => held.scopes.includes(scope));
}
