import { z } from 'zod';
import type { StoreLocation } from '../storage/index.ts';
import { listEntries, parseHostAndPort } from './addresses.ts';
import type { Issue } from './issues.ts';
import { text } from './schema.ts';

type RedisConnection = Extract<StoreLocation, { kind: 'redis' }>['connection'];

/** The ways to Redis: at most one of them may be set. */
const waysToRedis = ['REDIS_URL', 'REDIS_CLUSTER_NODES', 'REDIS_SENTINELS'] as const;

type WayToRedis = (typeof waysToRedis)[number];
type RedisSettings = { readonly [name in WayToRedis | 'REDIS_SENTINEL_NAME']?: string | undefined };

// Said without the text: it usually holds a password.
export const redisUrl = text((href) => {
  if (!/^rediss?:\/\/\S+$/.test(href)) return 'must begin with redis:// or rediss://, followed by a host';
  const url = URL.parse(href);
  // An unescaped `/`, `?` or `#` in a password ends the host early, so that a user name is taken for the host.
  const isCutShort = url?.hash !== '' || url.search.includes('@');
  if (url?.hostname && !isCutShort && /^\/?\d*$/.test(url.pathname)) return undefined;
  return 'must look like redis://user:password@host:6379/0, with / # ? @ in the password percent-encoded';
});

// Redis Cluster reads `{…}` in a key as its hash tag; our keys carry their own.
export const redisPrefix = z.string().regex(/^[^{}\s]*$/, 'must hold neither braces nor blanks');

export function findRedisIssues(settings: RedisSettings): Issue[] {
  const [first, ...others] = waysToRedis.filter((way) => settings[way] !== undefined);
  const sentence = `contradicts ${first}: set only one of ${waysToRedis.join(', ')}`;
  return [...others.map((where) => ({ where, sentence })), ...findSentinelIssues(settings)];
}

function findSentinelIssues(settings: RedisSettings): Issue[] {
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

function hostsAndPorts(list: string) {
  return listEntries(list).flatMap((entry) => parseHostAndPort(entry) ?? []);
}
