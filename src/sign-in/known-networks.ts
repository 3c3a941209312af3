import type { RecordNames, Store } from '../storage/index.ts';

/** From which networks somebody has signed in to an account lately; both as keyed hashes. */
export interface KnownNetworks {
  has(accountHash: string, networkHash: string): Promise<boolean>;
  add(accountHash: string, networkHash: string): Promise<void>;
}

interface Parts {
  readonly store: Pick<Store, 'members' | 'addMember' | 'removeMember'>;
  readonly names: Pick<RecordNames, 'signInNetworks'>;
}

/** Longer than a holiday. */
const ttlSeconds = 90 * 24 * 60 * 60;
/** Each has places for wrong passwords of its own, so they are few; which of them goes is chance. */
const maxNetworks = 20;

export function createKnownNetworks({ store, names }: Parts): KnownNetworks {
  return {
    has: async (accountHash, networkHash) =>
      (await store.members(names.signInNetworks(accountHash))).includes(networkHash),
    async add(accountHash, networkHash) {
      const index = names.signInNetworks(accountHash);
      const members = await store.members(index);
      const [first] = members;
      if (first !== undefined && members.length >= maxNetworks && !members.includes(networkHash))
        await store.removeMember(index, first);
      await store.addMember(index, networkHash, ttlSeconds);
    },
  };
}
