import { setTimeout as delay } from 'node:timers/promises';

/** Longer than the client takes to find out that Redis is back: nobody is refused who could be served. */
const lateMs = 150;

/** From the moment at which Redis was found away until it is back. */
export interface Outage {
  /** By the monotonic clock, in milliseconds. */
  readonly since: number;
  /** Resolves when Redis is back; rejects when the grace is over before, for whoever asks later almost at once. */
  wait(): Promise<void>;
  end(): void;
}

export function createOutage(graceMs: number): Outage {
  const since = performance.now();
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  return {
    since,
    async wait() {
      const patienceMs = Math.max(lateMs, since + graceMs - performance.now());
      const waiting = new AbortController();
      const isOver = await Promise.race([ended.then(() => true), delay(patienceMs, false, { signal: waiting.signal })]);
      // A timer that nobody waits for any more would keep a process from its end.
      waiting.abort();
      if (!isOver) throw new Error('Redis is away');
    },
    end: resolve,
  };
}
