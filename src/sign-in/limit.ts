import { type Clock, systemClock } from '../clock.ts';
import { normalizeEmail } from '../directory/index.ts';
import type { Count, RecordNames, Store, Vault } from '../storage/index.ts';
import { networkOf } from './network.ts';

export interface SignInPolicy {
  readonly failuresPerAccount: number;
  readonly failuresPerAddress: number;
  readonly windowSeconds: number;
}

export interface SignInLimit {
  /**
   * Counts a try as a failure before it is made, and answers whether it may be made. Checking first and counting later
   * would let any number of parallel guesses through the gap. Unknown emails count like known ones: a limit that only
   * protects real accounts tells who has one.
   */
  admit(email: string, address: string): Promise<Admission>;
}

export type Admission =
  | {
      readonly allowed: true;
      /** To be called when the try succeeded: it was no failure, and the account starts again from zero. */
      forgive(): Promise<void>;
    }
  | { readonly allowed: false; readonly retryAfterSeconds: number };

export const defaultSignInPolicy: SignInPolicy = {
  failuresPerAccount: 10,
  failuresPerAddress: 50, // An office behind one address has many people who mistype.
  windowSeconds: 15 * 60,
};

interface LimitParts {
  readonly store: Store;
  readonly names: Pick<RecordNames, 'signInFailures'>;
  readonly hash: Vault['hash'];
  readonly clock?: Clock;
}

export function createSignInLimit(
  { store, names, hash, clock = systemClock }: LimitParts,
  policy: SignInPolicy = defaultSignInPolicy,
): SignInLimit {
  const { failuresPerAccount, failuresPerAddress, windowSeconds } = policy;

  async function admit(email: string, address: string): Promise<Admission> {
    // Keyed hashes: neither a dump of the keys nor a look at the running store lists who tried from where.
    const network = networkOf(address);
    const triesKey = names.signInFailures('address', hash('address', network));
    const forgivenKey = names.signInFailures('address', hash('address forgiven', network));
    const accountKey = names.signInFailures('account', hash('email', normalizeEmail(email)));

    const [tries, forgiven] = await Promise.all([store.count(triesKey, windowSeconds), store.readCount(forgivenKey)]);
    // The address decides before the account is counted: otherwise one blocked address could go on locking accounts.
    if (tries.count - forgiven.count > failuresPerAddress) return refuse(tries);
    const account = await store.count(accountKey, windowSeconds);
    if (account.count > failuresPerAccount) return refuse(account);

    const addressWindowEnds = clock.now() + tries.secondsLeft * 1000;
    const forgive = async () => {
      await Promise.all([store.remove([accountKey]), forgiveAddress(forgivenKey, addressWindowEnds)]);
    };
    return { allowed: true, forgive };
  }

  // One try is given back, the address's counter is not cleared: with an account of their own, attackers would sign in to
  // it after every 49 guesses at others. What is given back ends a second before the tries it belongs to, so that no
  // credit is left for the next window.
  async function forgiveAddress(forgivenKey: string, addressWindowEnds: number): Promise<void> {
    const secondsLeft = Math.floor((addressWindowEnds - clock.now()) / 1000) - 1;
    if (secondsLeft > 0) await store.count(forgivenKey, secondsLeft);
  }

  return { admit };
}

function refuse({ secondsLeft }: Count): Admission {
  return { allowed: false, retryAfterSeconds: Math.max(1, secondsLeft) };
}
