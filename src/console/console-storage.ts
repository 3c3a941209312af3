import type { Store, Unfinished, Vault } from '../storage/index.ts';

/** What this module needs in order to remember: the store, the names of its records, and the server's keyed hash. */
export interface ConsoleStorage {
  readonly store: Pick<Store, 'read' | 'write' | 'compareAndSet'>;
  readonly names: ConsoleRecordNames;
  readonly hash: Vault['hash'];
  readonly unfinished: Unfinished;
}

interface ConsoleRecordNames {
  /** For which interaction a console was asked to sign somebody in, and what it answered. */
  loginChallenge(challengeHash: string): string;
  /** Which challenge a ticket is the answer to. */
  loginTicket(ticketHash: string): string;
  /** That an event of the directory was acted on. */
  directoryEvent(eventHash: string): string;
}
