/**
 * The store of production: Redis 7 or Valkey, alone, behind sentinels or as a cluster. Decides how a record looks in Redis
 * and how long a request waits for it; does not know what is kept. What one process must not do in two steps is a script.
 */
export { createRedisStore } from './open-redis.ts';
export type { RedisConnection } from './redis-connection.ts';
export type { RedisStore } from './redis-store.ts';
export { findMissingRights } from './rights.ts';
