import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

/** No test waits as long; one that has failed must not look on for ever and keep its worker from ending. */
const patienceMs = 60_000;

/** Resolves when it is so; for what reaches another process or connection in its own time. */
export async function eventually(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`not within ${patienceMs} ms: ${isSo}`);
    await delay(5);
  }
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
