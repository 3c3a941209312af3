import { setTimeout as delay } from 'node:timers/promises';
import type { Store } from '../storage/index.ts';

const pageSize = 500;
const retryMs = 500; // the store heals by itself; followers look again meanwhile anyway

/** Rings when the feed has something new: one waiting read of the store for all followers of this process. */
export class RevocationBell {
  readonly #store: Store;
  readonly #feed: string;
  readonly #ears = new Set<() => void>();
  #followers = 0;
  #silence = new AbortController();
  #rings = 0;

  constructor(store: Store, feed: string) {
    this.#store = store;
    this.#feed = feed;
  }

  /** How often it rang: whoever notes it before reading misses nothing while reading. */
  get rings(): number {
    return this.#rings;
  }

  /** It listens as long as somebody follows. */
  enter(): Disposable {
    this.#followers += 1;
    if (this.#followers === 1) {
      this.#silence = new AbortController();
      // Never rejects: what goes wrong is tried again.
      void this.#listen(this.#silence.signal);
    }
    return { [Symbol.dispose]: () => this.#leave() };
  }

  /** Resolves when it has rung since, after this time, or when it is no longer wanted. */
  async wait(since: number, timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (this.#rings !== since || signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeoutMs);
    const wake = () => resolve();
    this.#ears.add(wake);
    signal.addEventListener('abort', wake);
    await promise;
    clearTimeout(timer);
    this.#ears.delete(wake);
    // The signal is that of a stream which lives for weeks, and this runs with every entry and every heartbeat.
    signal.removeEventListener('abort', wake);
  }

  #leave(): void {
    this.#followers -= 1;
    if (this.#followers === 0) this.#silence.abort();
  }

  async #listen(silence: AbortSignal): Promise<void> {
    let cursor: string | undefined;
    while (!silence.aborted) cursor = await this.#step(cursor, silence);
  }

  async #step(cursor: string | undefined, silence: AbortSignal): Promise<string | undefined> {
    try {
      const page = await this.#store.readFeed(this.#feed, cursor, pageSize);
      if (page.length === 0) await this.#store.waitForEntry(this.#feed, cursor, silence);
      else this.#storage();
      return page.at(-1)?.cursor ?? cursor;
    } catch {
      await delay(retryMs, undefined, { signal: silence }).catch(() => undefined);
      return cursor;
    }
  }

  #storage(): void {
    this.#rings += 1;
    for (const wake of this.#ears) wake();
  }
}
