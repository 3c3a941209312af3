import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';
import { clearInterval, setInterval } from 'node:timers';
import { setTimeout as delay } from 'node:timers/promises';
import { hasEnded } from './child-output.ts';

/** Less than a test may take; one that has failed must not look on for ever and keep its worker from ending. */
const patienceMs = 100_000;

/** Resolves when it is so; for what reaches another process or connection in its own time. */
export async function eventually(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`not within ${patienceMs} ms: ${isSo}`);
    await delay(5);
  }
}

/** The same for what is refused until then, and may be done again. */
export function untilDone(action: () => Promise<unknown>): Promise<void> {
  return eventually(() =>
    action().then(
      () => true,
      () => false,
    ),
  );
}

/**
 * Resolves when a program minds this URL: some open the browser first, and a browser comes once. Rejects when `child`, which
 * is that program, ends before.
 */
export async function untilListening({ hostname, port }: URL, child?: ChildProcess): Promise<void> {
  const connects = async () => {
    const socket = connect(Number(port), hostname.replace(/^\[|\]$/g, ''));
    const connected = once(socket, 'connect').then(
      () => true,
      () => false,
    );
    return connected.finally(() => socket.destroy());
  };
  await eventually(() => (child && hasEnded(child)) || connects());
  if (child && hasEnded(child)) throw new Error('it ended before it listened');
}

/**
 * Resolves when a server has its store again: while it knows of an outage it refuses at once, and it learns of the end in
 * its own time. That a test has moved the clock away from the store's is another matter.
 */
export function untilReady({ origin }: { readonly origin: string }): Promise<void> {
  return eventually(async () => {
    const response = await fetch(`${origin}/readyz`).catch(() => undefined);
    return response?.ok || /"the clock is/.test((await response?.text()) ?? '');
  });
}

/**
 * For a promise about time: resolves when it was kept once. A machine that does something else delays anything now and then;
 * what breaks such a promise breaks it each time.
 */
export function eventuallyWithin(ms: number, action: () => Promise<unknown>): Promise<void> {
  return eventually(async () => {
    const begun = performance.now();
    await action();
    return performance.now() - begun < ms;
  });
}

const turnMs = 10;

/**
 * How long something took, of the time in which this process had its turns. What else the machine did meanwhile does not
 * count: the timers of what is tested stood still as well.
 */
export async function attendedMs(work: () => Promise<unknown>): Promise<number> {
  let attended = 0;
  let last = performance.now();
  const count = () => {
    const now = performance.now();
    attended += Math.min(now - last, 2 * turnMs);
    last = now;
  };
  const turns = setInterval(count, turnMs);
  await work().finally(() => clearInterval(turns));
  count();
  return attended;
}
