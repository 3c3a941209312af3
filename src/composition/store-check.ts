import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { type Config, ConfigError, type Issue, settingOfStore } from '../config/index.ts';
import { createHealth, type Events, type Health } from '../operations/index.ts';
import { findMissingRights } from '../storage/index.ts';
import type { StorageContext } from './storage-context.ts';

/** What would go wrong later, unnoticed: rights that are missing (R117), records that Redis may throw away (R116). */
export async function checkStore({ store, names }: StorageContext, config: Config): Promise<void> {
  if (config.store.kind !== 'redis') return;
  const issues = [
    ...(await findRightsIssues({ store, names }, config.store.connection.kind)),
    ...(config.production ? await findEvictionIssues({ store }, config) : []),
  ];
  if (issues.length > 0) throw new ConfigError(issues);
}

/** Each node of a cluster has an ACL of its own: with so many random keys every one of a dozen nodes is almost certainly asked. */
const probesOfCluster = 64;

async function findRightsIssues(
  { store, names }: Pick<StorageContext, 'store' | 'names'>,
  kind: string,
): Promise<Issue[]> {
  const probe = () => names.probe(randomBytes(8).toString('hex'));
  const others = Array.from({ length: kind === 'cluster' ? probesOfCluster - 1 : 0 }, probe);
  const missing = await findMissingRights(store, [probe(), ...others]);
  if (missing.length === 0) return [];
  const sentence = `(or the user in REDIS_URL) lacks rights in Redis: ${missing.join(', ')}; README, “Redis”, has the ACL line`;
  return [{ where: 'REDIS_USERNAME', sentence }];
}

async function findEvictionIssues({ store }: Pick<StorageContext, 'store'>, config: Config): Promise<Issue[]> {
  const { policy } = await readPolicy(store);
  if (policy === 'noeviction') return [];
  const sentence =
    `is a Redis that throws records away when its memory is full (maxmemory-policy ${policy}), and with them ` +
    'connections and revocations: set maxmemory-policy noeviction, or take another Redis';
  return [{ where: settingOfStore(config.store), sentence }];
}

async function readPolicy(store: StorageContext['store']) {
  // A missing right to ask is named already.
  return (await store.memory?.().catch(() => undefined)) ?? { policy: 'noeviction' };
}

/** Records of keys that are absent although people have connected: they were not there by chance (R116). */
async function findLostKeys(
  { store, names }: Pick<StorageContext, 'store' | 'names'>,
  { signingKeysFile, cookieKeys }: Pick<Config, 'signingKeysFile' | 'cookieKeys'>,
): Promise<string[]> {
  const [signing, cookies] = await store.readMany([names.signingKeys(), names.cookieKeys()]);
  const absent = [
    ...(signing || signingKeysFile ? [] : ['signing-keys']),
    ...(cookies || cookieKeys ? [] : ['cookie-keys']),
  ];
  return absent.length > 0 && (await hasConnections({ store, names })) ? absent : [];
}

/** Accounts alone say nothing: an operator may have added them before the first start. */
async function hasConnections({ store, names }: Pick<StorageContext, 'store' | 'names'>): Promise<boolean> {
  const accounts = await store.someMembers(names.accounts(), 100);
  const have = accounts.map(async (id) => {
    const { count } = await store.readList(names.connectionsOfAccount(id), { limit: 0 });
    return count > 0 || (await store.someMembers(names.formerConnectionsOfAccount(id), 1)).length > 0;
  });
  return (await Promise.all(have)).some(Boolean);
}

const probeSeconds = 60;

/** To be called before keys are made. */
export async function reportLostKeys(storage: Pick<StorageContext, 'store' | 'names'>, config: Config, events: Events) {
  for (const record of await findLostKeys(storage, config)) events.emit({ event: 'keys.lost', record });
}

export function watchStore(
  { store, names }: Pick<StorageContext, 'store' | 'names'>,
  { clock, events }: { readonly clock: Clock; readonly events: Events },
): Health {
  const health = createHealth({
    clock,
    events,
    async write() {
      await Promise.all([store.ping(), store.write(names.probe('health'), '{}', probeSeconds)]);
    },
    storeNow: () => store.now(),
    memory: async () => store.memory?.(),
  });
  void health.check();
  return health;
}
