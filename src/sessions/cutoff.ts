import { type Clock, systemClock } from '../clock.ts';
import type { RecordNames, Store } from '../storage/index.ts';

/**
 * Ends every session of an account at once. A session tells when it began; what is kept for an account is until when
 * beginnings count no more. Deleting sessions instead would leave a gap: a request that is under way on another device
 * writes its own again.
 */
export interface SessionCutoff {
  /** Every session of this account that began until now counts no more, on whichever device. */
  endEverywhere(accountId: string): Promise<void>;
  /** Whether that happened to a session which began at this time, in seconds. */
  hasEnded(accountId: string, beganAt: number | undefined): Promise<boolean>;
  /** The time with which a session begins: `authTime`, now unless told, or as soon as it counts, within the same second and by any node's clock. */
  signInTime(accountId: string, authTime?: number): Promise<number>;
}

interface CutoffParts {
  readonly store: Store;
  readonly names: RecordNames;
  readonly clock?: Clock;
}

/** Needs no provider: the operator's command line ends sessions, too. */
export function createSessionCutoff({ store, names, clock = systemClock }: CutoffParts): SessionCutoff {
  async function find(accountId: string): Promise<number> {
    const record = await store.read(names.signedOut(accountId));
    return record ? JSON.parse(record.value).at : 0;
  }
  const signInTime = async (accountId: string, authTime = clock.seconds()) =>
    Math.max(authTime, (await find(accountId)) + 1);

  return {
    signInTime,
    async endEverywhere(accountId) {
      // No session began later than it could have by now. Kept for ever: sessions live as long as they are used.
      await store.write(names.signedOut(accountId), JSON.stringify({ at: await signInTime(accountId) }));
    },
    hasEnded: async (accountId, beganAt = 0) => beganAt <= (await find(accountId)),
  };
}
