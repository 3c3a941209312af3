import { createBatches } from './batches.ts';
import type { Turn } from './gathered-writes.ts';
import type { Readiness } from './readiness.ts';
import type { RedisClient } from './redis-client.ts';

type Texts = readonly (string | null)[];

/**
 * What requests ask for in one turn of the event loop is read by one command: each command costs the client more than
 * looking up a dozen keys costs Redis.
 */
export class Reads {
  readonly #client: RedisClient;
  readonly #readiness: Pick<Readiness, 'answerRepeated'>;
  readonly #add: ReturnType<typeof createBatches<string, Texts>>;

  constructor(client: RedisClient, turn: Pick<Turn, 'atEnd'>, readiness: Pick<Readiness, 'answerRepeated'>) {
    this.#client = client;
    this.#readiness = readiness;
    const send = (keys: readonly string[]) => this.#send(() => client.mget([...keys]));
    this.#add = createBatches({ turn, what: 'read', most: 500, send });
  }

  /** In the order of the keys. */
  async read(keys: readonly string[]): Promise<Texts> {
    // In a cluster the keys of one command must share a slot; these need not.
    if (this.#client.isCluster) return Promise.all(keys.map((key) => this.#send(() => this.#client.get(key))));
    const { from, answered } = this.#add(keys);
    return (await answered).slice(from, from + keys.length);
  }

  #send<T>(read: () => Promise<T>): Promise<T> {
    return this.#readiness.answerRepeated(read);
  }
}
