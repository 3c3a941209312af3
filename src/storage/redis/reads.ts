interface Batch {
  readonly keys: string[];
  readonly answered: Promise<readonly (string | null)[]>;
}

/** Other commands wait while Redis answers one. */
const mostAtOnce = 500;

/**
 * What requests ask for in one turn of the event loop is read by one command: each command costs the client more than
 * looking up a dozen keys costs Redis.
 */
export class Reads {
  readonly #send: (keys: readonly string[]) => Promise<readonly (string | null)[]>;
  #next: Batch | undefined;

  constructor(send: (keys: readonly string[]) => Promise<readonly (string | null)[]>) {
    this.#send = send;
  }

  /** In the order of the keys. */
  async read(keys: readonly string[]): Promise<readonly (string | null)[]> {
    if (this.#next && this.#next.keys.length + keys.length > mostAtOnce) this.#next = undefined;
    const batch = this.#next ?? this.#begin();
    const from = batch.keys.length;
    batch.keys.push(...keys);
    return (await batch.answered).slice(from, from + keys.length);
  }

  #begin(): Batch {
    const { promise, resolve } = Promise.withResolvers<readonly (string | null)[]>();
    const batch = { keys: [], answered: promise };
    this.#next = batch;
    // After everything that has arrived so far, from whomever, has been looked at.
    setImmediate(() => {
      if (this.#next === batch) this.#next = undefined;
      resolve(Promise.try(() => this.#send(batch.keys)));
    });
    return batch;
  }
}
