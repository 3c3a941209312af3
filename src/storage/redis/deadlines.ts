interface Waiting {
  readonly until: number;
  readonly giveUp: () => void;
}

/**
 * Bounds the wait for answers, which come in the order in which they were asked for: one timer for all that are under way,
 * because a timer for each of them costs as much as what it guards.
 */
export class Deadlines {
  readonly #patienceMs: number;
  /** The longest waiting first. */
  readonly #waiting = new Set<Waiting>();
  #timer: NodeJS.Timeout | undefined;

  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  /** The answer, or an error when it takes too long. */
  bound<T>(answered: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const giveUp = () => reject(new Error(`Redis did not answer within ${this.#patienceMs} ms`));
      const waiting = { until: performance.now() + this.#patienceMs, giveUp };
      this.#waiting.add(waiting);
      if (this.#waiting.size === 1) this.#watch();
      const settle =
        <V>(end: (value: V) => void) =>
        (value: V) => {
          this.#leave(waiting);
          end(value);
        };
      answered.then(settle(resolve), settle(reject));
    });
  }

  /** One that runs goes on: it looks too early for this one, and again in time. */
  #watch(): void {
    if (this.#timer) this.#timer.ref();
    else this.#timer = setTimeout(() => this.#check(), this.#patienceMs);
  }

  #leave(waiting: Waiting): void {
    this.#waiting.delete(waiting);
    // Nothing is waited for: nothing keeps the process alive.
    if (this.#waiting.size === 0) this.#timer?.unref();
  }

  /** Timers come before what has arrived: a process that stood still itself first looks at that. */
  #check(): void {
    setImmediate(() => this.#giveUp());
  }

  #giveUp(): void {
    const now = performance.now();
    for (const waiting of this.#waiting) {
      if (waiting.until > now) break;
      this.#waiting.delete(waiting);
      waiting.giveUp();
    }
    const [longest] = this.#waiting;
    clearTimeout(this.#timer);
    this.#timer = longest && setTimeout(() => this.#check(), longest.until - now);
  }
}
