import { findHostAndPort, listEntries } from './addresses.ts';
import type { HostAndPort, RedisConnection } from './config.ts';
import type { Problem } from './config-error.ts';

/** The ways to Redis: at most one of them may be set. */
const waysToRedis = ['REDIS_URL', 'REDIS_CLUSTER_NODES', 'REDIS_SENTINELS'] as const;

type WayToRedis = (typeof waysToRedis)[number];
export type RedisSettings = { readonly [name in WayToRedis | 'REDIS_SENTINEL_NAME']?: string | undefined };

// Said without the text: it usually holds a password.
export function findRedisUrlMistake(text: string): string | undefined {
  if (!/^rediss?:\/\/\S+$/.test(text)) return 'must begin with redis:// or rediss://, followed by a host';
  const url = URL.parse(text);
  // An unescaped `/`, `?` or `#` in a password ends the host early, so that a user name is taken for the host.
  const isCutShort = url?.hash !== '' || url.search.includes('@');
  if (url?.hostname && !isCutShort && /^\/?\d*$/.test(url.pathname)) return undefined;
  return 'must look like redis://user:password@host:6379/0, with / # ? @ in the password percent-encoded';
}

// Redis Cluster reads `{…}` in a key as its hash tag; our keys carry their own.
export function findPrefixMistake(text: string): string | undefined {
  return /[{}\s]/.test(text) ? 'must hold neither braces nor blanks' : undefined;
}

export function findRedisContradictions(settings: RedisSettings): Problem[] {
  const [first, ...others] = waysToRedis.filter((way) => settings[way] !== undefined);
  const contradictions = others.map((way) => ({
    where: way,
    sentence: `contradicts ${first}: set only one of ${waysToRedis.join(', ')}`,
  }));
  return [...contradictions, ...findSentinelContradictions(settings)];
}

function findSentinelContradictions(settings: RedisSettings): Problem[] {
  const hasSentinels = settings.REDIS_SENTINELS !== undefined;
  const hasName = settings.REDIS_SENTINEL_NAME !== undefined;
  if (hasSentinels === hasName) return [];
  const sentence = hasName
    ? 'is set without REDIS_SENTINELS: set both or neither'
    : 'is missing: REDIS_SENTINELS needs the name of the group they watch, e.g. mymaster';
  return [{ where: 'REDIS_SENTINEL_NAME', sentence }];
}

/** The one way that is set; nothing means the embedded store. */
export function findRedisConnection(settings: RedisSettings): RedisConnection | undefined {
  const { REDIS_URL: url, REDIS_CLUSTER_NODES: nodes, REDIS_SENTINELS: sentinels } = settings;
  if (url !== undefined) return { kind: 'single', url };
  if (nodes !== undefined) return { kind: 'cluster', nodes: hostsAndPorts(nodes) };
  if (sentinels === undefined) return undefined;
  return { kind: 'sentinel', sentinels: hostsAndPorts(sentinels), name: settings.REDIS_SENTINEL_NAME ?? '' };
}

function hostsAndPorts(text: string): HostAndPort[] {
  return listEntries(text).flatMap((entry) => findHostAndPort(entry) ?? []);
}
