import { patienceMs, type Wait } from '../patience.ts';
import { createBatches } from './batches.ts';
import type { Turn } from './gathered-writes.ts';
import type { Readiness } from './readiness.ts';
import type { RedisClient } from './redis-client.ts';
import { groupsOf, milliseconds } from './replies.ts';
import type { Scripts } from './scripts.ts';

/** What a record shall be. */
interface Change {
  readonly key: string;
  /** Absent: there is none. */
  readonly value?: string;
  /** For ever unless told. */
  readonly ttlSeconds?: number | undefined;
}

type Written = Change & { readonly value: string };

/**
 * What requests write and discard in one turn of the event loop is one command, as what they read is (reads.ts): before
 * that, so that whoever reads in the same turn finds it. None of it asks for an answer, and all of it may be sent again.
 */
export class Writes {
  readonly #client: RedisClient;
  readonly #scripts: Pick<Scripts, 'writeMany'>;
  readonly #readiness: Pick<Readiness, 'answerRepeated'>;
  readonly #add: ReturnType<typeof createBatches<Change, unknown>>;

  constructor(
    client: RedisClient,
    scripts: Pick<Scripts, 'writeMany'>,
    turn: Pick<Turn, 'atEnd'>,
    readiness: Pick<Readiness, 'answerRepeated'>,
  ) {
    this.#client = client;
    this.#scripts = scripts;
    this.#readiness = readiness;
    const send = (changes: readonly Change[]) => readiness.answerRepeated(() => this.#send(changes));
    this.#add = createBatches({ turn, what: 'write', most: 200, send });
  }

  async write(change: Written, wait: Wait): Promise<void> {
    const { key, ttlSeconds = 1 } = change;
    if (ttlSeconds <= 0) return this.discard([key], wait);
    await (this.#isAlone(wait) ? this.#answer(() => this.#set(change), wait) : this.#add([change]).answered);
  }

  async discard(keys: readonly string[], wait: Wait): Promise<void> {
    if (keys.length === 0) return;
    if (!this.#isAlone(wait)) return void (await this.#add(keys.map((key) => ({ key }))).answered);
    const groups = groupsOf(keys, this.#client.isCluster);
    await Promise.all(groups.map((group) => this.#answer(() => this.#client.del([...group]), wait)));
  }

  /**
   * In a cluster the keys of one command must share a slot; these need not. And what others go on waiting for might be done
   * after somebody with less patience was told that it is not.
   */
  #isAlone({ leftMs }: Wait): boolean {
    return this.#client.isCluster || leftMs < patienceMs;
  }

  #answer(send: () => Promise<unknown>, wait: Wait): Promise<unknown> {
    return this.#readiness.answerRepeated(send, wait, wait.leftMs);
  }

  #send(changes: readonly Change[]): Promise<unknown> {
    const keys = changes.map(({ key }) => key);
    const [first] = changes;
    if (first?.value !== undefined && changes.length === 1) return this.#set({ ...first, value: first.value });
    if (changes.every(({ value }) => value === undefined)) return this.#client.del(keys);
    const each = changes.flatMap(({ value = '', ttlSeconds }) => [value, lifetimeOf(ttlSeconds)]);
    return this.#scripts.writeMany(keys.length, ...keys, ...each);
  }

  #set({ key, value, ttlSeconds }: Written): Promise<unknown> {
    const ttlMs = lifetimeOf(ttlSeconds);
    return ttlMs === 0 ? this.#client.set(key, value) : this.#client.set(key, value, 'PX', ttlMs);
  }
}

/** In milliseconds; 0 is for ever. */
const lifetimeOf = (ttlSeconds: number | undefined) => (ttlSeconds === undefined ? 0 : milliseconds(ttlSeconds));
