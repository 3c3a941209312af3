import { Cluster } from 'ioredis';
import type { Memory } from '../store.ts';
import type { RedisClient } from './redis-client.ts';

/** By INFO, which managed services allow where they forbid CONFIG. Of a cluster: the primaries together. */
export async function readMemory(client: RedisClient): Promise<Memory> {
  const nodes = client instanceof Cluster ? client.nodes('master') : [client];
  const infos = await Promise.all(nodes.map((node) => node.info()));
  const policies = infos.map((info) => field(info, 'maxmemory_policy') ?? keepsAll);
  return {
    policy: policies.find((policy) => policy !== keepsAll) ?? keepsAll,
    evictedKeys: infos.reduce((sum, info) => sum + Number(field(info, 'evicted_keys') ?? 0), 0),
  };
}

const keepsAll = 'noeviction';

function field(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
}
