import type { Clock } from '../clock.ts';
import { normalizeEmail } from '../directory/index.ts';
import { networksInWide, networksOf } from '../http/index.ts';
import type { RecordNames, Store, Vault } from '../storage/index.ts';
import { createKnownNetworks } from './known-networks.ts';
import { createTries, type Taken } from './tries.ts';

type Slot = Extract<Taken, { kind: 'taken' }>;

export interface SignInPolicy {
  readonly failuresPerAccount: number;
  /** More: an office behind one address has many people who mistype. */
  readonly failuresPerAddress: number;
  readonly windowSeconds: number;
}

export interface SignInLimit {
  /**
   * Takes a slot for a try before it is made, and answers whether it may be made. Checking first and counting later would
   * let any number of parallel guesses through the gap. Unknown emails count like known ones: a limit that only protects
   * real accounts tells who has one.
   */
  admit(email: string, address: string): Promise<Admission>;
}

export type Admission =
  | {
      readonly allowed: true;
      /** One of them is to be called, or the slot is free again after some seconds: a try that never ended is no failure. */
      succeed(): Promise<void>;
      fail(): Promise<void>;
      abandon(): Promise<void>;
    }
  /** `busy`: too many at once, and nobody knows yet whether they are wrong. */
  | { readonly allowed: false; readonly busy: boolean; readonly retryAfterSeconds: number };

interface LimitParts {
  readonly store: Store;
  readonly names: Pick<RecordNames, 'signInFailures' | 'signInNetworks'>;
  readonly hash: Vault['hash'];
  readonly clock: Clock;
  /** How long a try waits for others at once. */
  readonly patienceMs?: number;
}

const busySeconds = 2;

export function createSignInLimit(
  { store, names, hash, clock, patienceMs = 5000 }: LimitParts,
  policy: SignInPolicy,
): SignInLimit {
  const { failuresPerAccount, failuresPerAddress, windowSeconds } = policy;
  const tries = createTries({ store, clock, windowSeconds, patienceMs });
  const knownNetworks = createKnownNetworks({ store, names });

  // Keyed hashes: neither a dump of the keys nor a look at the running store lists who tried from where.
  const hashOf = {
    account: (email: string) => hash('email', email),
    address: (network: string) => hash('address', network),
  };
  const slotsOf = (kind: 'account' | 'address', valueHash: string) => (slot: number) =>
    names.signInFailures(kind, valueHash, slot);

  async function admit(email: string, address: string): Promise<Admission> {
    const { near, wide } = networksOf(address);
    const account = normalizeEmail(email);
    const accountHash = hashOf.account(account);
    const network = hashOf.address(near);
    // Whoever fails from afar must not lock out the networks from which somebody has signed in: those have slots of their own.
    const asked = knownNetworks.of(accountHash);
    const ofAccount = asked.then((known) =>
      slotsOf('account', known.includes(network) ? hashOf.account(`${account} ${near}`) : accountHash),
    );
    // Told below, unless the network has no slot any more.
    ofAccount.catch(() => undefined);

    const slots: Slot[] = [];
    const abandon = async () => void (await store.remove(slots.map(({ key }) => key)));
    // The network decides before the account is counted: otherwise one blocked network could go on locking accounts.
    const wanted = [
      [slotsOf('address', network), failuresPerAddress],
      ...(wide ? [[slotsOf('address', hashOf.address(wide)), networksInWide * failuresPerAddress] as const] : []),
      [ofAccount, failuresPerAccount],
    ] as const;
    for (const [slotsFor, count] of wanted) {
      const taken = await tries.take(await slotsFor, count);
      if (taken.kind === 'taken') {
        slots.push(taken);
        continue;
      }
      await abandon();
      return refuse(taken);
    }
    return {
      allowed: true,
      abandon,
      fail: async () => void (await Promise.all(slots.map(({ keep }) => keep()))),
      // The account starts again from zero. The network gets this one try back: with an account of their own, attackers
      // would otherwise sign in to it after every 49 guesses at others.
      async succeed() {
        const [slotOf, known] = [await ofAccount, await asked];
        const ofAccountAll = Array.from({ length: failuresPerAccount }, (_, slot) => slotOf(slot));
        // That of the account, taken last, is among all of them.
        const ofNetworks = slots.slice(0, -1).map(({ key }) => key);
        const over = [...ofNetworks, ...ofAccountAll];
        await Promise.all([store.remove(over), knownNetworks.add(accountHash, network, known)]);
      },
    };
  }

  return { admit };
}

function refuse(taken: Exclude<Taken, { kind: 'taken' }>): Admission {
  const busy = taken.kind === 'busy';
  return { allowed: false, busy, retryAfterSeconds: busy ? busySeconds : taken.secondsLeft };
}
