import { Provider } from 'oidc-provider';
import type { Keys } from './keys.ts';
import { perRequest } from './per-request.ts';
import { grantOfRefreshToken } from './refresh-token-value.ts';
import type { Store, StoredRecord } from './store.ts';

type Found = StoredRecord | undefined;

/** Lets a request read together what it is going to ask for one by one. What is kept is served once, to that request only. */
export class ReadAhead {
  readonly #store: Store;
  readonly #kept = perRequest<Map<string, Found>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** The records of these keys; those of `next` are read along with them and kept. */
  async read(keys: readonly string[], next: readonly string[] = []): Promise<Found[]> {
    const kept = this.#kept.get();
    if (kept && keys.every((key) => kept.has(key))) return keys.map((key) => take(kept, key));
    if (next.length === 0) return this.#store.readMany(keys);
    const records = await this.#store.readMany([...keys, ...next]);
    this.#kept.set(new Map(next.map((key, index) => [key, records[keys.length + index]])));
    return records.slice(0, keys.length);
  }
}

function take(kept: Map<string, Found>, key: string): Found {
  const record = kept.get(key);
  kept.delete(key);
  return record;
}

/**
 * What is asked for after this artefact, as far as the request tells: a refresh reads its client, then the token that it
 * presents and the grant of that token; oidc-provider's own grant (9.13) reads these one after the other.
 */
export function keysAskedNext(model: string, id: string, keys: Keys): string[] {
  if (model === 'RefreshToken') return keysOfGrant(id, keys);
  const presented = model === 'Client' ? presentedRefreshToken() : undefined;
  if (presented === undefined) return [];
  return [keys.artefact('RefreshToken', presented), ...keysOfGrant(presented, keys)];
}

/** What the request that is being answered wants to refresh. */
export function presentedRefreshToken(): string | undefined {
  const { route, params } = Provider.ctx?.oidc ?? {};
  const isRefresh = route === 'token' && params?.grant_type === 'refresh_token';
  return isRefresh && typeof params.refresh_token === 'string' ? params.refresh_token : undefined;
}

export function keysOfGrant(refreshToken: string, keys: Keys): string[] {
  const grantId = grantOfRefreshToken(refreshToken);
  return grantId ? [keys.grant(grantId), keys.connection(grantId)] : [];
}
