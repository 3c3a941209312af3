import type { Clock } from '../clock.ts';
import { createRedisStore, type RedisConnection } from './redis/index.ts';
import { createSqliteStore } from './sqlite/index.ts';
import type { Store } from './store.ts';

/** Which store, and where. */
export type StoreLocation =
  | { readonly kind: 'sqlite'; readonly file: string }
  | { readonly kind: 'redis'; readonly connection: RedisConnection; readonly prefix: string };

/** `clock` is that of a store which has none of its own. `onError` hears of what failed: it may be a moment, or the beginning of an outage. */
export function openStore(location: StoreLocation, onError: (error: Error) => void, clock?: Clock): Store {
  return location.kind === 'sqlite'
    ? createSqliteStore(location.file, clock, onError)
    : createRedisStore({ connection: location.connection, prefix: location.prefix, onError });
}
