import { createTurn } from './gathered-writes.ts';
import { Readiness } from './readiness.ts';
import { createRedisClient, type RedisClient } from './redis-client.ts';
import type { RedisConnection } from './redis-connection.ts';

/** A server that falls silent is noticed one silence time-out after this; one that answers is asked this often. */
const waitMs = 1000;

interface Waiter {
  readonly client: RedisClient;
  readonly readiness: Readiness;
}

/** Waits for entries with a blocking read, on connections of its own: nothing else can be sent on them meanwhile. */
export class FeedWaiting {
  readonly #connection: RedisConnection;
  readonly #onError: (error: Error) => void;
  readonly #idle: Waiter[] = [];
  readonly #all = new Set<Waiter>();

  constructor(connection: RedisConnection, onError: (error: Error) => void) {
    this.#connection = connection;
    this.#onError = onError;
  }

  async wait(feed: string, after: string, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return;
    const waiter = this.#idle.pop() ?? this.#create();
    const leave = () => this.#end(waiter);
    signal?.addEventListener('abort', leave);
    try {
      const read = () => waiter.client.xread('COUNT', 1, 'BLOCK', waitMs, 'STREAMS', feed, after);
      await waiter.readiness.answer(read);
      if (this.#all.has(waiter)) this.#idle.push(waiter);
    } catch (error) {
      this.#end(waiter);
      if (!signal?.aborted) throw error;
    } finally {
      signal?.removeEventListener('abort', leave);
    }
  }

  close(): void {
    for (const waiter of this.#all) this.#end(waiter);
  }

  #create(): Waiter {
    const client = createRedisClient(this.#connection, waitMs);
    const waiter = { client, readiness: new Readiness(client, createTurn(client), this.#onError, 3 * waitMs) };
    this.#all.add(waiter);
    return waiter;
  }

  #end(waiter: Waiter): void {
    this.#all.delete(waiter);
    waiter.readiness.end();
    waiter.client.disconnect();
  }
}
