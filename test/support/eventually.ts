import { setTimeout as delay } from 'node:timers/promises';

/** Resolves when it is so; for what reaches another process or connection in its own time. Looks again until the test's time is up. */
export async function eventually(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await delay(5);
}
