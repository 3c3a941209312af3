import type { Clock } from '../clock.ts';
import type { RecordNames, Store, Vault } from '../storage/index.ts';

/** What a network has earned by connections that were made from it. */
export interface Trust {
  /** A connection was made from this network, with each of these: a redirect host, a client. */
  earn(network: string, subjects: readonly string[]): Promise<void>;
  /** So many more may fail within a minute. */
  earnedBy(network: string, subject: string): Promise<number>;
}

interface Parts {
  readonly store: Pick<Store, 'count' | 'readCount'>;
  readonly names: Pick<RecordNames, 'completedFlows'>;
  readonly vault: Pick<Vault, 'hash'>;
  readonly clock: Clock;
}

const monthSeconds = 30 * 24 * 60 * 60;
/** A person who mistypes, or whose tool tries a few times. */
const perConnection = 3;
const most = 10_000;

export function createTrust({ store, names, vault, clock }: Parts): Trust {
  const nameOf = (network: string, subject: string, month: number) =>
    names.completedFlows(vault.hash('completed flows', `${network} ${subject} ${month}`));
  const month = () => Math.floor(clock.seconds() / monthSeconds);

  return {
    async earn(network, subjects) {
      const counters = subjects.map((subject) => nameOf(network, subject, month()));
      await Promise.all(counters.map((counter) => store.count(counter, 2 * monthSeconds)));
    },
    // Of this month and the one before: what was earned does not end at once for all.
    async earnedBy(network, subject) {
      const months = [month(), month() - 1].map((each) => store.readCount(nameOf(network, subject, each)));
      const connections = (await Promise.all(months)).reduce((sum, { count }) => sum + count, 0);
      return Math.min(most, perConnection * connections);
    },
  };
}
