import { patienceMs, type Wait } from '../patience.ts';
import { createBatches } from './batches.ts';
import type { Turn } from './gathered-writes.ts';
import type { Readiness } from './readiness.ts';
import type { RedisClient } from './redis-client.ts';
import { groupsOf, milliseconds } from './replies.ts';
import type { Scripts } from './scripts.ts';

/** What becomes of one record, set or list, as write-many.lua says. */
export interface Change {
  readonly does: 'set' | 'exchange' | 'remove' | 'add' | 'extend';
  readonly key: string;
  /** Or a member. */
  readonly value?: string;
  /** For ever unless told. */
  readonly ttlSeconds?: number | undefined;
}

/** What was there before, in the order of the changes; of those only that exchange. */
type Before = readonly (string | null | undefined)[];

/**
 * What requests write and discard in one turn of the event loop is one command, as what they read is (reads.ts): before
 * that, so that whoever reads in the same turn finds it. None of it asks what it did, and all of it may be sent again.
 */
export class Writes {
  readonly #client: RedisClient;
  readonly #scripts: Pick<Scripts, 'writeMany'>;
  readonly #readiness: Pick<Readiness, 'answerRepeated'>;
  readonly #add: ReturnType<typeof createBatches<Change, Before>>;

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

  /** Answers what was there before, where that is asked. */
  async write(change: Change, wait: Wait): Promise<Before[number]> {
    if (this.#isAlone(wait)) return this.#answer(() => this.#sendOne(change), wait);
    const { from, answered } = this.#add([change]);
    return (await answered)[from];
  }

  async writeAll(changes: readonly Change[], wait: Wait): Promise<void> {
    if (changes.length === 0) return;
    if (this.#isAlone(wait)) await Promise.all(changes.map((change) => this.write(change, wait)));
    else await this.#add(changes).answered;
  }

  async discard(keys: readonly string[], wait: Wait): Promise<void> {
    if (!this.#isAlone(wait))
      return this.writeAll(
        keys.map((key) => ({ does: 'remove', key })),
        wait,
      );
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

  #answer<T>(send: () => Promise<T>, wait: Wait): Promise<T> {
    return this.#readiness.answerRepeated(send, wait, wait.leftMs);
  }

  async #send(changes: readonly Change[]): Promise<Before> {
    if (changes.length === 1) return [await this.#sendOne(changes[0] as Change)];
    if (changes.some(({ does }) => does !== 'remove')) return this.#sendMany(changes);
    await this.#client.del(changes.map(({ key }) => key));
    return [];
  }

  async #sendMany(changes: readonly Change[]): Promise<Before> {
    const keys = changes.map(({ key }) => key);
    const each = changes.flatMap(({ does, value = '', ttlSeconds = 0 }) => [does, value, milliseconds(ttlSeconds)]);
    const exchanged = (await this.#scripts.writeMany(keys.length, ...keys, ...each)).values();
    return changes.map(({ does }) => (does === 'exchange' ? exchanged.next().value : undefined));
  }

  /** By a command of Redis, where it has one for that. */
  async #sendOne(change: Change): Promise<Before[number]> {
    const { does, key, value = '', ttlSeconds = 0 } = change;
    const ttlMs = milliseconds(ttlSeconds);
    if (does === 'exchange') return this.#client.set(key, value, 'PX', ttlMs, 'GET');
    if (does === 'add') await this.#sendMany([change]);
    else if (does === 'remove') await this.#client.del(key);
    else if (does === 'extend') await this.#client.pexpire(key, ttlMs, 'GT');
    else await (ttlMs === 0 ? this.#client.set(key, value) : this.#client.set(key, value, 'PX', ttlMs));
    return undefined;
  }
}
