import { setTimeout as delay } from 'node:timers/promises';
import { ReplyError } from 'ioredis';
import { patienceMs, Wait } from '../patience.ts';
import { Deadlines } from './deadlines.ts';
import type { Turn } from './gathered-writes.ts';
import { createOutage, type Outage } from './outage.ts';
import { acceptsCommands, type RedisClient } from './redis-client.ts';
import { withoutArguments } from './without-arguments.ts';

/** How long requests wait, all of them together, for a connection: a restart or a failover of a moment passes unnoticed. */
const graceMs = 1000;
/** Between two tries: long enough for a client to notice that its connection is gone. */
const pauseMs = 50;
const takeover = /^(READONLY|NOREPLICAS|LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN)/;

/**
 * Says when commands can be sent, and bounds the wait for that and for their answers. Redis that is away costs one wait,
 * which begins when it went (R125): who comes later is told at once, so that no queue grows behind it.
 */
export class Readiness {
  readonly #client: RedisClient;
  readonly #answers: Deadlines;
  readonly #turn: Turn;
  #outage: Outage | undefined;
  #lastError: Error | undefined;
  #ended = false;

  constructor(client: RedisClient, turn: Turn, onError: (error: Error) => void, answerMs = patienceMs) {
    this.#client = client;
    this.#answers = new Deadlines(answerMs);
    this.#turn = turn;
    const remember = (error: Error): void => {
      if (this.#ended) return;
      this.#lastError = withoutArguments(error);
      onError(error);
    };
    // An 'error' event that nobody listens to would end the process.
    client.on('error', remember);
    client.on('node error', remember);
    client.on('close', () => void (this.#ended || this.#findOutage()));
    client.on('ready', () => this.#heal());
  }

  /** Sends when Redis can be reached, and settles in bounded time whatever happens. */
  answer<T>(send: () => Promise<T>): Promise<T> {
    if (!this.#outage && this.isUp) {
      this.#turn.gather();
      return this.#answers.bound(send());
    }
    return this.#answers.bound(this.#answerDuringOutage(send));
  }

  /**
   * The same, and sent again when the connection is lost before the answer came: for what is done once however often it is
   * sent. In all it takes no longer than one answer may, or than whoever asks has patience left: client time-outs are
   * shorter and end most tries.
   */
  answerRepeated<T>(send: () => Promise<T>, asked = new Wait(), leftMs = patienceMs): Promise<T> {
    if (leftMs < patienceMs) return this.#tryFor(leftMs, send, 0);
    return this.answer(send).catch((error) => this.#repeat(send, error, asked));
  }

  async #repeat<T>(send: () => Promise<T>, error: unknown, asked: Wait): Promise<T> {
    if (!this.#isPassing(error)) throw error;
    if (error instanceof ReplyError) this.#findOutage();
    // What began while Redis was known to be away is no likelier to succeed than what failed then.
    const until = patienceMs + Math.min(asked.begun, this.#outage?.since ?? asked.begun);
    // A process that was busy itself has not waited, and may find that the answer came meanwhile.
    const { active } = performance.eventLoopUtilization(asked.busy);
    const leftMs = Math.ceil(Math.min(patienceMs, until + active - performance.now()));
    if (leftMs <= 0) throw error;
    return this.#tryFor(leftMs, send, pauseMs, error);
  }

  #tryFor<T>(leftMs: number, send: () => Promise<T>, firstPauseMs: number, error?: unknown): Promise<T> {
    const patience = AbortSignal.timeout(leftMs);
    const failed = () => error ?? this.#lastError ?? new Error('Redis has not answered for too long');
    const sendInTime = (): Promise<T> => {
      // Redis may come back at the moment at which the caller was told: what failed must not be done afterwards.
      if (patience.aborted) throw failed();
      return send();
    };
    return Promise.race([this.#tryAgain(sendInTime, patience, firstPauseMs), givingUp(patience, failed)]);
  }

  async #tryAgain<T>(send: () => Promise<T>, patience: AbortSignal, firstPauseMs: number): Promise<T> {
    for (let pause = firstPauseMs; ; pause = pauseMs) {
      if (pause > 0) await delay(pause);
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

  async #answerDuringOutage<T>(send: () => Promise<T>): Promise<T> {
    if (!this.#ended && !this.isUp)
      await this.#findOutage()
        .wait()
        .catch((timeout) => {
          throw this.#lastError ?? timeout;
        });
    if (!this.isUp) throw this.#lastError ?? new Error('Redis is not connected');
    const answer = await send();
    this.#heal();
    return answer;
  }

  get isUp(): boolean {
    return !this.#ended && acceptsCommands(this.#client);
  }

  /** From now on nothing is waited for. A client that ends while it reconnects does not say so itself (ioredis 6.0). */
  end(): void {
    this.#ended = true;
    this.#lastError = new Error('the store is closed');
    this.#outage?.end();
    this.#outage = undefined;
  }

  #findOutage(): Outage {
    this.#outage ??= createOutage(graceMs);
    return this.#outage;
  }

  #heal(): void {
    if (!this.isUp) return;
    this.#lastError = undefined;
    this.#outage?.end();
    this.#outage = undefined;
  }
}

/** Once what has arrived meanwhile was looked at. */
function givingUp(patience: AbortSignal, reason: () => unknown): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  patience.addEventListener('abort', () => setImmediate(() => reject(reason())), { once: true });
  return promise;
}
