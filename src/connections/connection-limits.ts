import type { RecordNames, Store } from '../storage/index.ts';
import { type ConnectionState, createChangeLock, lockSeconds } from './change-lock.ts';

/** How often one connection may be changed: nearly every change is an entry of the feed, which all gateways hold for an hour. */
export interface ConnectionLimits {
  /**
   * Whether it may be changed to this now. Asked before each change; waits some seconds when it was just changed to what
   * would refuse this.
   */
  admitChange(connectionId: string, state: ConnectionState): Promise<Admission>;
  /** The same for an approval that only adds, which is no entry of the feed. */
  admitAddition(connectionId: string, state: ConnectionState): Promise<Admission>;
  /** Counts one more access token that is revoked alone; false when it is one too many for a connection that works. */
  admitRevokedToken(connectionId: string): Promise<boolean>;
}

interface Parts {
  readonly store: Store;
  readonly names: RecordNames;
  /** How long a change waits for the lock: a little longer than it is held. */
  readonly lockTimeoutMs?: number;
}

export type Admission = { readonly allowed: true } | { readonly allowed: false; readonly retryAfterSeconds: number };

const hour = 60 * 60;
const changesAnHour = 20; // somebody tries what fits; more is a script
const tokensAnHour = 60; // one a minute; a tool that goes away revokes one

export function createConnectionLimits({ store, names, lockTimeoutMs = 8000 }: Parts): ConnectionLimits {
  const lock = createChangeLock({ store, names, timeoutMs: lockTimeoutMs });

  return {
    async admitChange(connectionId, state) {
      const { count, secondsLeft } = await store.count(names.connectionChanges(connectionId), hour);
      if (count > changesAnHour) return { allowed: false, retryAfterSeconds: Math.max(1, Math.ceil(secondsLeft)) };
      return admission(await lock.acquire(connectionId, state));
    },
    admitAddition: async (connectionId, state) => admission(await lock.waitFor(connectionId, state)),
    async admitRevokedToken(connectionId) {
      return (await store.count(names.connectionRevokedTokens(connectionId), hour)).count <= tokensAnHour;
    },
  };
}

function admission(isFree: boolean): Admission {
  return isFree ? { allowed: true } : { allowed: false, retryAfterSeconds: lockSeconds };
}
