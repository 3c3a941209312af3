import type { Clock } from '../clock.ts';

interface Parts<T> {
  readonly clock: Clock;
  discover(): Promise<T>;
}

/** For so long metadata count without another look. */
const freshMs = 60 * 60 * 1000;

/**
 * What a provider publishes about itself: looked up when somebody signs in for the first time, not at the start, so that a
 * provider that is away keeps nobody else from anything. What is old still counts where no new one can be had.
 */
export function createDiscovered<T>({ clock, discover }: Parts<T>): () => Promise<T> {
  let known: { readonly value: T; readonly at: number } | undefined;
  let running: Promise<T> | undefined;

  async function fetchOnce(): Promise<T> {
    const value = await discover();
    known = { value, at: clock.now() };
    return value;
  }

  return async () => {
    if (known && clock.now() - known.at < freshMs) return known.value;
    running ??= fetchOnce().finally(() => {
      running = undefined;
    });
    const { value } = known ?? {};
    return value === undefined ? running : running.catch(() => value);
  };
}
