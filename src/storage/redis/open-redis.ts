import { FeedWaiting } from './feed-waiting.ts';
import { createRedisClient } from './redis-client.ts';
import type { RedisConnection } from './redis-connection.ts';
import { RedisStore } from './redis-store.ts';

interface RedisStoreOptions {
  readonly connection: RedisConnection;
  /** Every key begins with it. */
  readonly prefix?: string;
  /** Told about every failed connection, and nothing else; the store reconnects by itself. */
  readonly onError?: (error: Error) => void;
}

/** Connects by itself, now and after every loss; until then each method rejects with `StoreUnavailable`. */
export function createRedisStore({
  connection,
  prefix = '',
  onError = () => undefined,
}: RedisStoreOptions): RedisStore {
  return new RedisStore(createRedisClient(connection), new FeedWaiting(connection, onError), prefix, onError);
}
