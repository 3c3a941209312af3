import type { Turn } from './gathered-writes.ts';
import type { Readiness } from './readiness.ts';
import type { RedisClient } from './redis-client.ts';

type Texts = readonly (string | null)[];

interface Batch {
  readonly keys: string[];
  readonly answered: Promise<Texts>;
}

/** Other commands wait while Redis answers one. */
const mostAtOnce = 500;

/**
 * What requests ask for in one turn of the event loop is read by one command: each command costs the client more than
 * looking up a dozen keys costs Redis.
 */
export class Reads {
  readonly #client: RedisClient;
  readonly #turn: Pick<Turn, 'atEnd'>;
  readonly #readiness: Pick<Readiness, 'answerRepeated'>;
  #next: Batch | undefined;

  constructor(client: RedisClient, turn: Pick<Turn, 'atEnd'>, readiness: Pick<Readiness, 'answerRepeated'>) {
    this.#client = client;
    this.#turn = turn;
    this.#readiness = readiness;
  }

  /** In the order of the keys. */
  async read(keys: readonly string[]): Promise<Texts> {
    // In a cluster the keys of one command must share a slot; these need not.
    if (this.#client.isCluster) return Promise.all(keys.map((key) => this.#send(() => this.#client.get(key))));
    if (this.#next && this.#next.keys.length + keys.length > mostAtOnce) this.#next = undefined;
    const batch = this.#next ?? this.#begin();
    const from = batch.keys.length;
    batch.keys.push(...keys);
    return (await batch.answered).slice(from, from + keys.length);
  }

  #begin(): Batch {
    const { promise, resolve } = Promise.withResolvers<Texts>();
    const batch = { keys: [], answered: promise };
    this.#next = batch;
    this.#turn.atEnd('read', () => {
      if (this.#next === batch) this.#next = undefined;
      resolve(Promise.try(() => this.#send(() => this.#client.mget([...batch.keys]))));
    });
    return batch;
  }

  #send<T>(read: () => Promise<T>): Promise<T> {
    return this.#readiness.answerRepeated(read);
  }
}
