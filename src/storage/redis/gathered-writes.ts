import { Cluster } from 'ioredis';
import type { RedisClient } from './redis-client.ts';

/**
 * Commands of one turn of the event loop leave in one write: each write costs the process more than most commands cost
 * Redis. To be called before one is sent. (Auto-pipelining does it, too, and its batches cost more than they save.)
 */
export function createGatherWrites(client: RedisClient): () => void {
  let isGathering = false;
  return function gatherWrites() {
    // A cluster has a connection for each node, of which nothing is public (ioredis 6.0).
    if (isGathering || client instanceof Cluster) return;
    isGathering = true;
    const { stream } = client;
    stream.cork();
    process.nextTick(() => {
      isGathering = false;
      stream.uncork();
    });
  };
}
