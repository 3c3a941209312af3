import type { RecordNames, Store } from '../storage/index.ts';

/** From which networks somebody has signed in to an account lately; both as keyed hashes. */
interface KnownNetworks {
  of(accountHash: string): Promise<readonly string[]>;
  /** `known`: what `of` has answered. */
  add(accountHash: string, networkHash: string, known: readonly string[]): Promise<void>;
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
    of: (accountHash) => store.members(names.signInNetworks(accountHash)),
    async add(accountHash, networkHash, known) {
      const index = names.signInNetworks(accountHash);
      const [first] = known;
      if (first !== undefined && known.length >= maxNetworks && !known.includes(networkHash))
        await store.removeMember(index, first);
      await store.addMember(index, networkHash, ttlSeconds);
    },
  };
}
