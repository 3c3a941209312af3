/**
 * The store of production: Redis 7 or Valkey, alone, behind sentinels or as a cluster. Decides how a record looks in Redis
 * and how long a request waits for it; does not know what is kept. What one process must not do in two steps is a script.
 */
export type { HostAndPort, RedisConnection } from './redis-connection.ts';
export { createRedisStore, type RedisStore, type RedisStoreOptions } from './redis-store.ts';
export { findMissingRights } from './rights.ts';
