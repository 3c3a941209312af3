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
