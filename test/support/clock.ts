import { jest } from '@jest/globals';
import { type Clock, createClock } from '../../src/clock.ts';

const everythingButDate = [
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
  'setTimeout',
  'clearTimeout',
] as const;

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

/** Stops the clock of this process at a known moment; timers and sockets go on. */
export function stopClock(): void {
  stopClockAt(new Date('2026-08-01T12:00:00Z'));
}

/** For real browsers, at the present: they have a clock of their own, and drop the cookies of a server in the past. */
export function stopClockAt(now: Date | number): void {
  jest.useFakeTimers({ now, doNotFake: [...everythingButDate] });
}

export function moveClock(seconds: number): void {
  jest.setSystemTime(Date.now() + seconds * 1000);
}

export function startClock(): void {
  jest.useRealTimers();
}
