/**
 * The time of this process. Whoever needs it is handed one, so that a test moves the clock of one server and of nothing
 * else. What is *kept* has its age by the store's clock (R124): Redis has its own, the embedded store is handed one.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Whole seconds since the epoch, as tokens and records have them (RFC 7519 §2, NumericDate). */
  seconds(): number;
}

export function createClock(now: () => number = () => Date.now()): Clock {
  return { now, seconds: () => Math.floor(now() / 1000) };
}

/** Between two uses, in seconds since the epoch: what lives as long as it is used is renewed once a day. */
export function isAnotherDay(before: number, at: number): boolean {
  const dayOf = (seconds: number) => Math.floor(seconds / (24 * 60 * 60));
  return dayOf(before) !== dayOf(at);
}

/** The machine's own. */
export const systemClock: Clock = createClock();
