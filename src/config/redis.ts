import { z } from 'zod';
import type { StoreLocation } from '../storage/index.ts';
import { listEntries, parseHostAndPort } from './addresses.ts';
import type { Issue } from './issues.ts';
import type { ReadFile } from './read-policy-file.ts';
import { text } from './schema.ts';

type RedisConnection = Extract<StoreLocation, { kind: 'redis' }>['connection'];

/** The ways to Redis: at most one of them may be set. */
const waysToRedis = ['REDIS_URL', 'REDIS_CLUSTER_NODES', 'REDIS_SENTINELS'] as const;

type WayToRedis = (typeof waysToRedis)[number];
type RedisSetting =
  | WayToRedis
  | 'REDIS_USERNAME'
  | 'REDIS_PASSWORD'
  | 'REDIS_TLS'
  | 'REDIS_CA_FILE'
  | 'REDIS_SENTINEL_NAME'
  | 'REDIS_SENTINEL_USERNAME'
  | 'REDIS_SENTINEL_PASSWORD';
type RedisSettings = { readonly [name in RedisSetting]?: string | undefined };

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

export const flag = z.enum(['1', '0', 'true', 'false'], 'must be 1 or 0').transform(isOn);

function isOn(value: string | undefined): boolean {
  return value === '1' || value === 'true';
}

export function findRedisIssues(settings: RedisSettings, readFile: ReadFile): Issue[] {
  const [first, ...others] = waysToRedis.filter((way) => settings[way] !== undefined);
  const sentence = `contradicts ${first}: set only one of ${waysToRedis.join(', ')}`;
  return [
    ...others.map((where) => ({ where, sentence })),
    ...findSentinelIssues(settings),
    ...findAccessIssues(settings),
    ...findCertificateIssues(settings, readFile),
  ];
}

/** Redis takes a password without a user, the user `default`, but never the reverse. */
function findAccessIssues(settings: RedisSettings): Issue[] {
  const hasPassword = settings.REDIS_PASSWORD !== undefined || /:\/\/[^@/]*:[^@/]+@/.test(settings.REDIS_URL ?? '');
  const issue = (where: RedisSetting, password: RedisSetting) => ({ where, sentence: `needs ${password}` });
  return [
    ...(settings.REDIS_USERNAME && !hasPassword ? [issue('REDIS_USERNAME', 'REDIS_PASSWORD')] : []),
    ...(settings.REDIS_SENTINEL_USERNAME && !settings.REDIS_SENTINEL_PASSWORD
      ? [issue('REDIS_SENTINEL_USERNAME', 'REDIS_SENTINEL_PASSWORD')]
      : []),
  ];
}

function findCertificateIssues(settings: RedisSettings, readFile: ReadFile): Issue[] {
  const { REDIS_CA_FILE: file } = settings;
  if (file === undefined) return [];
  const sentence = usesTls(settings)
    ? findCertificateIssue(file, readFile)
    : 'is set, but Redis is not reached by TLS: set REDIS_TLS=1, or a REDIS_URL that begins with rediss://';
  return sentence === undefined ? [] : [{ where: 'REDIS_CA_FILE', sentence }];
}

function findCertificateIssue(file: string, readFile: ReadFile): string | undefined {
  try {
    if (readFile(file, 'utf8').includes('-----BEGIN CERTIFICATE-----')) return undefined;
    return `names a file that holds no certificate in PEM: ${file}`;
  } catch {
    return `names a file that cannot be read: ${file}`;
  }
}

function usesTls({ REDIS_TLS, REDIS_URL }: RedisSettings): boolean {
  return isOn(REDIS_TLS) || REDIS_URL?.startsWith('rediss:') === true;
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

const wayTo = {
  single: 'REDIS_URL',
  cluster: 'REDIS_CLUSTER_NODES',
  sentinel: 'REDIS_SENTINELS',
} as const satisfies Record<RedisConnection['kind'], (typeof waysToRedis)[number]>;

/** The setting that says where the store is. */
export function settingOfStore(store: { kind: 'sqlite' } | { kind: 'redis'; connection: RedisConnection }): string {
  return store.kind === 'sqlite' ? 'DATABASE' : wayTo[store.connection.kind];
}

/** The one way that is set; nothing means the embedded store. */
export function findRedisConnection(settings: RedisSettings, readFile: ReadFile): RedisConnection | undefined {
  const { REDIS_URL: url, REDIS_CLUSTER_NODES: nodes, REDIS_SENTINELS: sentinels } = settings;
  const found = accessOf(settings, readFile);
  const access = Object.keys(found).length > 0 ? { access: found } : {};
  if (url !== undefined) return { kind: 'single', url, ...access };
  if (nodes !== undefined) return { kind: 'cluster', nodes: hostsAndPorts(nodes), ...access };
  if (sentinels === undefined) return undefined;
  const name = settings.REDIS_SENTINEL_NAME ?? '';
  const own = credentials(settings.REDIS_SENTINEL_USERNAME, settings.REDIS_SENTINEL_PASSWORD);
  const sentinelAccess = Object.keys(own).length > 0 ? { sentinelAccess: own } : {};
  return { kind: 'sentinel', sentinels: hostsAndPorts(sentinels), name, ...access, ...sentinelAccess };
}

function accessOf(settings: RedisSettings, readFile: ReadFile) {
  const { REDIS_CA_FILE: file } = settings;
  return {
    ...credentials(settings.REDIS_USERNAME, settings.REDIS_PASSWORD),
    ...(usesTls(settings) && (isOn(settings.REDIS_TLS) || file) && { tls: file ? { ca: readFile(file, 'utf8') } : {} }),
  };
}

function credentials(username: string | undefined, password: string | undefined) {
  return { ...(username && { username }), ...(password && { password }) };
}

function hostsAndPorts(list: string) {
  return listEntries(list).flatMap((entry) => parseHostAndPort(entry) ?? []);
}
