import type { Keys, Store } from '../storage/index.ts';

/**
 * Signing out everywhere. A session tells when it began; what is kept for an account is until when beginnings count no
 * more. Deleting sessions instead would leave a gap: a request that is under way on another device writes its own again.
 */
export interface SignOuts {
  /** Every session of this account that began until now counts no more, on whichever device. */
  everywhere(accountId: string): Promise<void>;
  /** Whether that happened to a session which began at this time, in seconds. */
  hasSignedOut(accountId: string, beganAt: number | undefined): Promise<boolean>;
  /** The time with which a session begins: now, or as soon as it counts, within the same second and by any node's clock. */
  signInTime(accountId: string): Promise<number>;
}

export function createSignOuts({ store, keys }: { store: Store; keys: Keys }): SignOuts {
  async function find(accountId: string): Promise<number> {
    const record = await store.read(keys.signedOut(accountId));
    return record ? JSON.parse(record.value).at : 0;
  }
  const signInTime = async (accountId: string) => Math.max(epochSeconds(), (await find(accountId)) + 1);

  return {
    signInTime,
    async everywhere(accountId) {
      // No session began later than it could have by now. Kept for ever: sessions live as long as they are used.
      await store.write(keys.signedOut(accountId), JSON.stringify({ at: await signInTime(accountId) }));
    },
    hasSignedOut: async (accountId, beganAt = 0) => beganAt <= (await find(accountId)),
  };
}

function epochSeconds() {
  return Math.floor(Date.now() / 1000);
}
