import type { Clock } from '../clock.ts';
import { type Counted, createRateLimit, networksInWide, networksOf } from '../http/index.ts';
import type { RecordNames, Store, Vault } from '../storage/index.ts';

/** How often a link may be asked for, so that nobody's mailbox is filled, nor our mail server taken for one that sends junk. */
export interface ForgottenLimit {
  /** Seconds to wait when it was too often. An email that nobody has counts like any other. */
  note(email: string, address: string): Promise<number | undefined>;
}

interface Parts {
  readonly store: Pick<Store, 'count'>;
  readonly names: Pick<RecordNames, 'requestCount'>;
  readonly vault: Pick<Vault, 'hash'>;
  readonly clock: Clock;
}

/** Within an hour. Whoever is kept from asking by others has the mails that those asked for. */
const perEmail = 3;
const perAddress = 10;
/** An office has many people. */
const perNetwork = 30;
const windowSeconds = 60 * 60;

export function createForgottenLimit({ store, names, vault, clock }: Parts): ForgottenLimit {
  const rate = createRateLimit(store, clock, windowSeconds);
  const counted = (kind: string, value: string, limit: number): Counted => ({
    name: names.requestCount(vault.hash('request', `forgotten ${kind} ${value}`)),
    limit,
  });

  async function note(all: readonly Counted[]): Promise<number | undefined> {
    return rate.blockedFor(all.map(({ name }) => name)) ?? rate.note(all);
  }

  return {
    async note(email, address) {
      const { near, wide, isLoopback } = networksOf(address);
      const networks = [
        counted('address', address, perAddress),
        counted('network', near, perNetwork),
        ...(wide ? [counted('network', wide, networksInWide * perNetwork)] : []),
      ];
      // The network decides before the account is counted: otherwise one that asks for ever would lock accounts.
      return (isLoopback ? undefined : await note(networks)) ?? note([counted('email', email, perEmail)]);
    },
  };
}
