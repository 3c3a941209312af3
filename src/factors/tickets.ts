import type { Clock } from '../clock.ts';
import type { RecordNames, Store, Vault } from '../storage/index.ts';

/**
 * What a page hands out and gets back with its form, and only this server can read or make: nothing of a step that is begun
 * and never ended is kept. Encrypted for what it is about, so that one of another account, flow or purpose opens nothing.
 */
export interface Tickets {
  seal(purpose: string, content: unknown): string;
  /** Nothing when it is too old, of another purpose, or none of ours. */
  open(purpose: string, ticket: string): unknown;
  /** True once for each word; by when nobody could bring it again it is forgotten. */
  useOnce(word: string): Promise<boolean>;
}

/** As long as somebody looks for their phone. */
export const ticketSeconds = 10 * 60;

interface Parts {
  readonly store: Pick<Store, 'writeIfAbsent'>;
  readonly names: Pick<RecordNames, 'usedChallenge'>;
  readonly vault: Pick<Vault, 'encrypt' | 'decrypt' | 'hash'>;
  readonly clock: Clock;
}

export function createTickets({ store, names, vault, clock }: Parts): Tickets {
  return {
    seal: (purpose, content) =>
      vault.encrypt(purpose, JSON.stringify({ until: clock.seconds() + ticketSeconds, content })),
    open(purpose, ticket) {
      try {
        const { until, content } = JSON.parse(vault.decrypt(purpose, ticket));
        return clock.seconds() < until ? content : undefined;
      } catch {
        return undefined;
      }
    },
    // Longer than a ticket lives by any node's clock.
    useOnce: (word) => store.writeIfAbsent(names.usedChallenge(vault.hash('challenge', word)), '{}', 2 * ticketSeconds),
  };
}
