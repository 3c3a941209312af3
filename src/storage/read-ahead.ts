import { Provider } from 'oidc-provider';
import type { Keys } from './keys.ts';
import { grantOfRefreshToken } from './refresh-token-value.ts';
import type { Store, StoredRecord } from './store.ts';

type Found = StoredRecord | undefined;

/** Lets a request read together what it is going to ask for one by one. What is kept is served once, to that request only. */
export class ReadAhead {
  readonly #store: Store;
  readonly #kept = new WeakMap<object, Map<string, Found>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** The records of these keys; those of `next` are read along with them and kept. */
  async read(keys: readonly string[], next: readonly string[] = []): Promise<Found[]> {
    const { ctx } = Provider;
    const kept = ctx && this.#kept.get(ctx);
    if (kept && keys.every((key) => kept.has(key))) return keys.map((key) => take(kept, key));
    if (!ctx || next.length === 0) return this.#store.readMany(keys);
    const records = await this.#store.readMany([...keys, ...next]);
    this.#kept.set(ctx, new Map(next.map((key, index) => [key, records[keys.length + index]])));
    return records.slice(0, keys.length);
  }
}

function take(kept: Map<string, Found>, key: string): Found {
  const record = kept.get(key);
  kept.delete(key);
  return record;
}

/**
 * What oidc-provider 9.13 asks for after this artefact, as far as the request tells: a refresh reads its client, then the
 * token that it presents, then the grant of that token.
 */
export function keysAskedNext(model: string, id: string, keys: Keys): string[] {
  if (model === 'RefreshToken') return keysOfGrant(id, keys);
  const presented =
    model === 'Client' && Provider.ctx?.oidc.route === 'token' && Provider.ctx.oidc.params?.refresh_token;
  if (typeof presented !== 'string') return [];
  return [keys.artefact('RefreshToken', presented), ...keysOfGrant(presented, keys)];
}

function keysOfGrant(refreshToken: string, keys: Keys): string[] {
  const grantId = grantOfRefreshToken(refreshToken);
  return grantId ? [keys.grant(grantId), keys.connection(grantId)] : [];
}
