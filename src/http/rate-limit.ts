import QuickLRU from 'quick-lru';
import type { Clock } from '../clock.ts';

/** Counts that all servers share; a store has them. */
interface Counters {
  count(counter: string, windowSeconds: number): Promise<{ readonly count: number; readonly secondsLeft: number }>;
}

export interface Counted {
  /** Of the counter. */
  readonly name: string;
  /** 0 for none. */
  readonly limit: number;
  /** What is allowed beyond the limit; asked only where it is reached. */
  readonly more?: () => Promise<number>;
}

/**
 * How often something may happen within a while, a minute unless told. What is known to be too often is refused without asking the store, so that
 * whoever goes on costs nothing, and whoever does nothing wrong costs no command.
 */
interface RateLimit {
  /** None is known to be full: the usual case, in which nobody has to find out what a request would count as. */
  isQuiet(): boolean;
  /** Seconds for which one of these counters is known to be full. */
  blockedFor(names: readonly string[]): number | undefined;
  /** Counts each; seconds to wait when one is over its limit. */
  note(counted: readonly Counted[]): Promise<number | undefined>;
}

/** Of full counters that are remembered; others are found full again by counting. */
const maxRemembered = 5000;

export function createRateLimit(counters: Counters, clock: Clock, windowSeconds = 60): RateLimit {
  const full = new QuickLRU<string, number>({ maxSize: maxRemembered });
  let fullUntil = 0;

  function remember(name: string, secondsLeft: number): void {
    const until = clock.now() + secondsLeft * 1000;
    full.set(name, until);
    fullUntil = Math.max(fullUntil, until);
  }

  function secondsOf(name: string): number {
    const left = Math.ceil(((full.get(name) ?? 0) - clock.now()) / 1000);
    if (left <= 0) full.delete(name);
    return Math.max(0, left);
  }

  async function noteOne({ name, limit, more }: Counted): Promise<number> {
    if (limit === 0) return 0;
    const { count, secondsLeft } = await counters.count(name, windowSeconds);
    if (count <= limit || count <= limit + ((await more?.()) ?? 0)) return 0;
    const seconds = Math.max(1, secondsLeft);
    remember(name, seconds);
    return seconds;
  }

  return {
    isQuiet: () => clock.now() >= fullUntil,
    blockedFor: (names) => Math.max(0, ...names.map(secondsOf)) || undefined,
    note: async (counted) => Math.max(0, ...(await Promise.all(counted.map(noteOne)))) || undefined,
  };
}
