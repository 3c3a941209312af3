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
  readonly ttlMs?: number | undefined;
}

interface Batch {
  readonly changes: Change[];
  readonly done: Promise<unknown>;
}

/** Other commands wait while Redis works on one. */
const mostAtOnce = 200;

/**
 * What requests write and discard in one turn of the event loop is one command, as what they read is (reads.ts): before
 * that, so that whoever reads in the same turn finds it. None of it asks for an answer, and all of it may be sent again.
 */
export class Writes {
  readonly #client: RedisClient;
  readonly #scripts: Pick<Scripts, 'writeMany'>;
  readonly #turn: Pick<Turn, 'atEnd'>;
  readonly #readiness: Pick<Readiness, 'answerRepeated'>;
  #next: Batch | undefined;

  constructor(
    client: RedisClient,
    scripts: Pick<Scripts, 'writeMany'>,
    turn: Pick<Turn, 'atEnd'>,
    readiness: Pick<Readiness, 'answerRepeated'>,
  ) {
    this.#client = client;
    this.#scripts = scripts;
    this.#turn = turn;
    this.#readiness = readiness;
  }

  async write(key: string, value: string, ttlSeconds?: number): Promise<void> {
    if (ttlSeconds !== undefined && ttlSeconds <= 0) return this.discard([key]);
    const change = { key, value, ttlMs: ttlSeconds === undefined ? undefined : milliseconds(ttlSeconds) };
    // In a cluster the keys of one command must share a slot; these need not.
    if (this.#client.isCluster) await this.#readiness.answerRepeated(() => this.#set(change));
    else await this.#add([change]);
  }

  async discard(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    if (!this.#client.isCluster) return void (await this.#add(keys.map((key) => ({ key }))));
    const groups = groupsOf(keys, true);
    await Promise.all(groups.map((group) => this.#readiness.answerRepeated(() => this.#client.del([...group]))));
  }

  #add(changes: readonly Change[]): Promise<unknown> {
    if (this.#next && this.#next.changes.length + changes.length > mostAtOnce) this.#next = undefined;
    const batch = this.#next ?? this.#begin();
    batch.changes.push(...changes);
    return batch.done;
  }

  #begin(): Batch {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const batch = { changes: [] as Change[], done: promise };
    this.#next = batch;
    this.#turn.atEnd('write', () => {
      if (this.#next === batch) this.#next = undefined;
      resolve(Promise.try(() => this.#readiness.answerRepeated(() => this.#send(batch.changes))));
    });
    return batch;
  }

  #send(changes: readonly Change[]): Promise<unknown> {
    const keys = changes.map(({ key }) => key);
    const [first] = changes;
    if (first?.value !== undefined && changes.length === 1) return this.#set({ ...first, value: first.value });
    if (changes.every(({ value }) => value === undefined)) return this.#client.del(keys);
    const each = changes.flatMap(({ value = '', ttlMs = 0 }) => [value, ttlMs]);
    return this.#scripts.writeMany(keys.length, ...keys, ...each);
  }

  #set({ key, value, ttlMs }: Change & { readonly value: string }): Promise<unknown> {
    return ttlMs === undefined ? this.#client.set(key, value) : this.#client.set(key, value, 'PX', ttlMs);
  }
}
