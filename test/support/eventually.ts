import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

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
export function untilDone(formAction: () => Promise<unknown>): Promise<void> {
  return eventually(() =>
    formAction().then(
      () => true,
      () => false,
    ),
  );
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
export function eventuallyWithin(ms: number, formAction: () => Promise<unknown>): Promise<void> {
  return eventually(async () => {
    const begun = performance.now();
    await formAction();
    return performance.now() - begun < ms;
  });
}
