import type { Clock } from '../clock.ts';
import type { Policy } from '../config/index.ts';
import { createAddressList, type Networks } from '../http/index.ts';
import type { RecordNames, Store, Vault } from '../storage/index.ts';

/** What a network has earned by connections that were made from it. */
export interface Trust {
  /** A connection was made from this network, with each of these: a redirect host, a client. */
  earn(network: string, subjects: readonly string[]): Promise<void>;
  /** So many more may fail within a minute. */
  earnedBy(network: string, subject: string): Promise<number>;
  /** Many people come from there through one hosted client: the operator says so, or a connection of one was made from it. */
  isHosted(origin: Origin): Promise<boolean>;
}

/** From where a request came. */
export interface Origin extends Networks {
  readonly address: string;
}

interface Parts {
  readonly store: Pick<Store, 'count' | 'readCount'>;
  readonly names: Pick<RecordNames, 'completedFlows'>;
  readonly vault: Pick<Vault, 'hash'>;
  readonly clock: Clock;
  readonly policy: { readonly limits: Pick<Policy['limits'], 'hostedClients' | 'hostedNetworks'> };
}

const monthSeconds = 30 * 24 * 60 * 60;
/** A person who mistypes, or whose tool tries a few times. */
const perConnection = 3;
const most = 10_000;

export function createTrust({ store, names, vault, clock, policy: { limits } }: Parts): Trust {
  const isListed = createAddressList(limits.hostedNetworks);
  const nameOf = (network: string, subject: string, month: number) =>
    names.completedFlows(vault.hash('completed flows', `${network} ${subject} ${month}`));
  const month = () => Math.floor(clock.seconds() / monthSeconds);

  // Of this month and the one before: what was earned does not end at once for all.
  async function connectionsOf(network: string, subject: string): Promise<number> {
    const months = [month(), month() - 1].map((each) => store.readCount(nameOf(network, subject, each)));
    return (await Promise.all(months)).reduce((sum, { count }) => sum + count, 0);
  }

  return {
    async earn(network, subjects) {
      const counters = subjects.map((subject) => nameOf(network, subject, month()));
      await Promise.all(counters.map((counter) => store.count(counter, 2 * monthSeconds)));
    },
    earnedBy: async (network, subject) => Math.min(most, perConnection * (await connectionsOf(network, subject))),
    async isHosted({ address, near }) {
      if (isListed(address)) return true;
      const made = await Promise.all(limits.hostedClients.map((host) => connectionsOf(near, host)));
      return made.some((connections) => connections > 0);
    },
  };
}
