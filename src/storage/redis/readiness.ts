import { setTimeout as delay } from 'node:timers/promises';
import { ReplyError } from 'ioredis';
import { Deadlines } from './deadlines.ts';
import { acceptsCommands, type RedisClient } from './redis-client.ts';
import { withoutArguments } from './without-arguments.ts';

/** How long a request waits for a connection: a restart or a failover of a moment passes unnoticed. */
const graceMs = 1000;
/** How long a command may take; the client's own time-outs are shorter and end most of them. */
const answerMs = 2000;
/** Between two tries: long enough for a client to notice that its connection is gone. */
const pauseMs = 50;
const takeover = /^(READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN)/;

/** Says when commands can be sent, and bounds the wait for that and for their answers. */
export class Readiness {
  readonly #client: RedisClient;
  readonly #answers: Deadlines;
  readonly #connections = new Deadlines(graceMs);
  readonly #waiting = new Set<() => void>();
  #lastError: Error | undefined;
  #ended = false;

  constructor(client: RedisClient, onError: (error: Error) => void, patienceMs = answerMs) {
    this.#client = client;
    this.#answers = new Deadlines(patienceMs);
    const remember = (error: Error): void => {
      if (this.#ended) return;
      this.#lastError = withoutArguments(error);
      onError(error);
    };
    // An 'error' event that nobody listens to would end the process.
    client.on('error', remember);
    client.on('node error', remember);
    client.on('ready', () => this.#letGo());
  }

  /** Sends when Redis can be reached, and settles in bounded time whatever happens. */
  answer<T>(send: () => Promise<T>): Promise<T> {
    return this.isUp ? this.#answers.bound(send()) : this.#answerLater(send);
  }

  /**
   * The same, and sent again when the connection is lost before the answer came: for what is done once however often it is
   * sent. In all it takes no longer than one answer may.
   */
  async answerRepeated<T>(send: () => Promise<T>): Promise<T> {
    const until = performance.now() + answerMs;
    try {
      return await this.answer(send);
    } catch (error) {
      if (!this.#isPassing(error) || performance.now() >= until) throw error;
      const patience = AbortSignal.timeout(Math.ceil(until - performance.now()));
      return Promise.race([this.#repeat(send, patience), givingUp(patience, error)]);
    }
  }

  async #repeat<T>(send: () => Promise<T>, patience: AbortSignal): Promise<T> {
    for (;;) {
      await delay(pauseMs);
      try {
        return await this.answer(send);
      } catch (error) {
        if (!this.#isPassing(error) || patience.aborted) throw error;
      }
    }
  }

  /** What Redis refuses, it refuses again; except while another node takes over. */
  #isPassing(error: unknown): boolean {
    if (this.#ended) return false;
    return !(error instanceof ReplyError) || takeover.test((error as Error).message);
  }

  async #answerLater<T>(send: () => Promise<T>): Promise<T> {
    await this.#change();
    if (!this.isUp) throw this.#lastError ?? new Error('Redis is not connected');
    return this.#answers.bound(send());
  }

  get isUp(): boolean {
    return !this.#ended && acceptsCommands(this.#client);
  }

  /** From now on nothing is waited for. A client that ends while it reconnects does not say so itself (ioredis 6.0). */
  end(): void {
    this.#ended = true;
    this.#lastError = new Error('the store is closed');
    this.#letGo();
  }

  async #change(): Promise<void> {
    if (this.#ended) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    await this.#connections
      .bound(promise)
      .catch((timeout) => {
        throw this.#lastError ?? timeout;
      })
      .finally(() => this.#waiting.delete(resolve));
  }

  #letGo(): void {
    if (this.isUp) this.#lastError = undefined;
    for (const proceed of this.#waiting) proceed();
    this.#waiting.clear();
  }
}

function givingUp(patience: AbortSignal, error: unknown): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  patience.addEventListener('abort', () => reject(error), { once: true });
  return promise;
}
