import type { RelyingParty } from '../../support/relying-party.ts';

/** A connection of which a tool was told, by an answer that arrived. */
export interface ToldConnection {
  readonly client: RelyingParty;
  /** The newest that arrived. */
  refreshToken: string;
}

/** What tools were told while things broke; the store must agree with it afterwards. */
export interface Ledger {
  readonly connections: ToldConnection[];
  /** Told to start again, about a code whose first redemption was never answered. */
  startedAgain: number;
  /** Flows that a person had to begin anew, for a page did not come. */
  begunAnew: number;
  /** Pages that say that a sign-in has ended, though nobody had ended it. */
  readonly ended: string[];
  /** Whatever no fault excuses, in words. */
  readonly wrong: string[];
}

export const createLedger = (): Ledger => ({ connections: [], startedAgain: 0, begunAnew: 0, ended: [], wrong: [] });
