import { type Clock, createClock } from '../../src/clock.ts';

export const minutes = (count: number): number => count * 60;
export const days = (count: number): number => count * 24 * 60 * 60;

export interface TestClock {
  readonly clock: Clock;
  pass(seconds: number): void;
}

/** Stands still but for what passes; for whoever is handed it. Everybody else's time goes on. */
export function createTestClock(startMs = Date.now()): TestClock {
  let now = startMs;
  return {
    clock: createClock(() => now),
    pass(seconds) {
      now += seconds * 1000;
    },
  };
}
