import { Provider } from 'oidc-provider';
import type { Store, StoredRecord } from './store.ts';

type Found = StoredRecord | undefined;

/** Lets a request read together what it is going to ask for one by one. What is kept is served once, to that request only. */
export class ReadAhead {
  readonly #store: Store;
  readonly #kept = new WeakMap<object, Map<string, Found>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** The first; the others are kept for this request. */
  async readFirst(keys: readonly string[]): Promise<Found> {
    const { ctx } = Provider;
    if (!ctx || keys.length === 1) return this.#store.read(String(keys[0]));
    const [first, ...others] = await this.#store.readMany(keys);
    this.#kept.set(ctx, new Map(others.map((record, index) => [String(keys[index + 1]), record])));
    return first;
  }

  /** All of them, from what is kept if that is what it was kept for. */
  async readAll(keys: readonly string[]): Promise<Found[]> {
    const kept = Provider.ctx && this.#kept.get(Provider.ctx);
    if (!kept || !keys.every((key) => kept.has(key))) return this.#store.readMany(keys);
    const records = keys.map((key) => kept.get(key));
    for (const key of keys) kept.delete(key);
    return records;
  }
}
