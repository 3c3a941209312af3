import { setTimeout as delay } from 'node:timers/promises';
import type { Store } from '../storage/index.ts';

const pageSize = 500;
const retryMs = 500; // the store heals by itself; subscribers look again meanwhile anyway

/** Tells subscribers that the feed has something new: one blocking read of the store for all of this process. */
export class FeedNotifier {
  readonly #store: Store;
  readonly #feed: string;
  readonly #waiting = new Set<() => void>();
  #subscribers = 0;
  #unwanted = new AbortController();
  #version = 0;

  constructor(store: Store, feed: string) {
    this.#store = store;
    this.#feed = feed;
  }

  /** Another one with each news: whoever notes it before reading misses nothing while reading. */
  get version(): number {
    return this.#version;
  }

  /** It watches the feed as long as somebody has subscribed. */
  subscribe(): Disposable {
    this.#subscribers += 1;
    if (this.#subscribers === 1) {
      this.#unwanted = new AbortController();
      // Never rejects: what goes wrong is tried again.
      void this.#watch(this.#unwanted.signal);
    }
    return { [Symbol.dispose]: () => this.#unsubscribe() };
  }

  /** Resolves when there is a newer version than this, after this time, or when it is no longer wanted. */
  async waitForNewer(version: number, timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (this.#version !== version || signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeoutMs);
    const wake = () => resolve();
    this.#waiting.add(wake);
    signal.addEventListener('abort', wake);
    await promise;
    clearTimeout(timer);
    this.#waiting.delete(wake);
    // The signal is that of a stream which lives for weeks, and this runs with every entry and every heartbeat.
    signal.removeEventListener('abort', wake);
  }

  #unsubscribe(): void {
    this.#subscribers -= 1;
    if (this.#subscribers === 0) this.#unwanted.abort();
  }

  async #watch(unwanted: AbortSignal): Promise<void> {
    let cursor: string | undefined;
    while (!unwanted.aborted) cursor = await this.#step(cursor, unwanted);
  }

  async #step(cursor: string | undefined, unwanted: AbortSignal): Promise<string | undefined> {
    try {
      const page = await this.#store.readFeed(this.#feed, cursor, pageSize);
      if (page.length === 0) await this.#store.waitForEntry(this.#feed, cursor, unwanted);
      else this.#notify();
      return page.at(-1)?.cursor ?? cursor;
    } catch {
      await delay(retryMs, undefined, { signal: unwanted }).catch(() => undefined);
      return cursor;
    }
  }

  #notify(): void {
    this.#version += 1;
    for (const wake of this.#waiting) wake();
  }
}
