/** How soon an entry of another process is seen; one of this process is at once. */
const pollMs = 250;
/** How long a caller waits at most before it looks for itself. */
const waitMs = 1000;

/** Waits for entries of a file that tells nobody when it changes. */
export class FeedWaiting {
  readonly #hasEntry: (feed: string, after: string | undefined) => boolean;
  readonly #looks = new Set<() => void>();

  constructor(hasEntry: (feed: string, after: string | undefined) => boolean) {
    this.#hasEntry = hasEntry;
  }

  /** This process has appended. */
  wake(): void {
    for (const look of this.#looks) look();
  }

  wait(feed: string, after: string | undefined, signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = () => {
      try {
        if (signal?.aborted || this.#hasEntry(feed, after)) resolve();
      } catch (error) {
        reject(error);
      }
    };
    const poll = setInterval(look, pollMs);
    const end = setTimeout(resolve, waitMs);
    this.#looks.add(look);
    signal?.addEventListener('abort', look);
    look();
    return promise.finally(() => {
      clearInterval(poll);
      clearTimeout(end);
      this.#looks.delete(look);
      signal?.removeEventListener('abort', look);
    });
  }
}
