import { Provider } from 'oidc-provider';
import type { Store, StoredRecord } from '../storage/index.ts';
import { perRequest } from './per-request.ts';

type Found = StoredRecord | undefined;

/** Reads records for the request that is being answered; what was read along with others is served from memory, once. */
export interface RequestReads {
  /** The records of these names, in their order; those of `next` are read in the same step and kept for later in the request. */
  read(names: readonly string[], next?: readonly string[]): Promise<Found[]>;
}

export function createRequestReads(store: Pick<Store, 'readMany'>): RequestReads {
  const ofRequest = perRequest<Map<string, Found>>();

  return {
    async read(names, next = []) {
      const kept = ofRequest.get();
      if (kept && names.every((name) => kept.has(name))) return names.map((name) => take(kept, name));
      if (next.length === 0) return store.readMany(names);
      const records = await store.readMany([...names, ...next]);
      ofRequest.set(new Map(next.map((name, index) => [name, records[names.length + index]])));
      return records.slice(0, names.length);
    },
  };
}

function take(kept: Map<string, Found>, name: string): Found {
  const record = kept.get(name);
  kept.delete(name);
  return record;
}

/** What the token request that is being answered presents, in the parameter of this name. */
export function presented(name: 'code' | 'refresh_token', grantType: string): string | undefined {
  const { route, params } = Provider.ctx?.oidc ?? {};
  const value = route === 'token' && params?.grant_type === grantType ? params[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}
