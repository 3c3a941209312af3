import { setTimeout as delay } from 'node:timers/promises';
import type { RecordNames, Store } from '../storage/index.ts';

/** What may be done to one connection: every such deed is an entry of the feed, which all gateways hold for an hour. */
export interface ConnectionLimits {
  /**
   * Whether it may be changed for this organization now. Asked before each change; waits some seconds when it was just
   * changed for another organization.
   */
  admitChange(connectionId: string, organizationId: string): Promise<Admission>;
  /** Counts one more access token that is revoked alone; false when it is one too many for a connection that works. */
  admitRevokedToken(connectionId: string): Promise<boolean>;
}

interface Parts {
  readonly store: Store;
  readonly names: RecordNames;
  /** How long a change waits for its turn: a little longer than the one before it reaches. */
  readonly patienceMs?: number;
}

export type Admission = { readonly allowed: true } | { readonly allowed: false; readonly retryAfterSeconds: number };

const hour = 60 * 60;
const changesAnHour = 20; // somebody tries what fits; more is a script
const tokensAnHour = 60; // one a minute; a tool that goes away revokes one

/**
 * A change is told with a few seconds' reach: what is issued within it and says otherwise is refused (revocations.ts). A
 * connection that moved on and back within the reach would get tokens that are right and refused as long as they live. A
 * second longer than the reach, because a change is told a moment after its turn began.
 */
const reachSeconds = 7;
const lookAgainMs = 250;

export function createConnectionLimits({ store, names, patienceMs = 8000 }: Parts): ConnectionLimits {
  /** Whoever changes it for the organization of the last time needs not wait: what is told is the same. */
  async function takeTurn(turn: string, organizationId: string): Promise<boolean> {
    const value = JSON.stringify({ organizationId });
    if (await store.writeIfAbsent(turn, value, reachSeconds)) return true;
    if ((await store.read(turn))?.value !== value) return false;
    await store.write(turn, value, reachSeconds);
    return true;
  }

  async function waitForTurn(turn: string, organizationId: string): Promise<boolean> {
    const givesUpAt = performance.now() + patienceMs;
    let isTaken = await takeTurn(turn, organizationId);
    while (!isTaken && performance.now() < givesUpAt) {
      await delay(lookAgainMs);
      isTaken = await takeTurn(turn, organizationId);
    }
    return isTaken;
  }

  return {
    async admitChange(connectionId, organizationId) {
      const { count, secondsLeft } = await store.count(names.connectionChanges(connectionId), hour);
      if (count > changesAnHour) return { allowed: false, retryAfterSeconds: Math.max(1, Math.ceil(secondsLeft)) };
      const hasTurn = await waitForTurn(names.connectionTurn(connectionId), organizationId);
      return hasTurn ? { allowed: true } : { allowed: false, retryAfterSeconds: reachSeconds };
    },
    async admitRevokedToken(connectionId) {
      return (await store.count(names.connectionRevokedTokens(connectionId), hour)).count <= tokensAnHour;
    },
  };
}
