import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';
import { accessOf, type RedisAccess, type RedisConnection, redisHost } from './redis-connection.ts';
import { SentinelClient } from './sentinel-client.ts';

export type RedisClient = Redis | Cluster;

const connectTimeoutMs = 1000;
/** A server that accepts a connection and then says nothing for this long is given up, and connected to anew. */
const silenceTimeoutMs = 1000;

const reconnectDelayMs = (attempt: number): number => Math.min(attempt * 50, 100);

const options = {
  connectTimeout: connectTimeoutMs,
  socketTimeout: silenceTimeoutMs,
  maxLoadingRetryTime: 500,
  disconnectTimeout: 100, // a connection that is given up is not waited for, neither here nor by a process that wants to end
  // A lost connection fails what was under way instead of sending it again (the default): a write that was carried out but
  // not answered would be carried out twice. What carries a nonce is sent again by the store, and knows itself.
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  // After a failover the old primary may live on as a replica that refuses writes, or as one that its replicas have left.
  reconnectOnError: (error: Error) => /^(READONLY|NOREPLICAS)/.test(error.message),
} satisfies RedisOptions;

const primaryOptions = {
  ...options,
  retryStrategy: reconnectDelayMs,
  // A queued command would be sent when Redis is back, long after its request was told that it failed.
  enableOfflineQueue: false,
} satisfies RedisOptions;

/** `longestWaitMs`: for how long a command may make its connection silent on purpose. */
export function createRedisClient(connection: RedisConnection, longestWaitMs = 0): RedisClient {
  const access = accessOf(connection);
  const patience = { socketTimeout: silenceTimeoutMs + longestWaitMs };
  switch (connection.kind) {
    case 'single':
      return new Redis({ ...primaryOptions, ...patience, ...redisHost(connection.url), ...access });
    case 'sentinel':
      return new SentinelClient({
        ...primaryOptions,
        ...patience,
        ...sentinelOptions(connection, access),
        ...access,
      });
    case 'cluster':
      return new Cluster([...connection.nodes], clusterOptions({ ...access, ...patience }));
  }
}

type ToSentinels = Extract<RedisConnection, { kind: 'sentinel' }>;

function sentinelOptions({ sentinels, name, sentinelAccess = {} }: ToSentinels, { tls }: RedisAccess) {
  const { username, password } = sentinelAccess;
  return {
    sentinels: [...sentinels],
    name,
    ...(username && { sentinelUsername: username }),
    ...(password && { sentinelPassword: password }),
    sentinelCommandTimeout: silenceTimeoutMs,
    sentinelRetryStrategy: reconnectDelayMs,
    // One setting covers both: what the sentinels say decides where the password is sent.
    ...(tls && { sentinelTLS: tls, enableTLSForSentinelMode: true }),
  } satisfies RedisOptions;
}

function clusterOptions({ db: _onlyZeroInACluster, ...access }: RedisAccess & { readonly socketTimeout: number }) {
  return {
    clusterRetryStrategy: reconnectDelayMs,
    retryDelayOnFailover: 0, // never sends again what may have been carried out, as above
    maxRedirections: 8, // MOVED, ASK, TRYAGAIN, CLUSTERDOWN: surely not carried out; at 100 ms each within the deadline
    slotsRefreshTimeout: connectTimeoutMs,
    slotsRefreshInterval: 5000,
    redisOptions: { ...options, enableReadyCheck: false, ...access },
    // Certificates are checked against the name that was configured, not against the address it resolves to.
    ...(access.tls && { dnsLookup: (address, callback) => callback(null, address) }),
  } satisfies ClusterOptions;
}

/** A connection that is being given up is called ready until its socket is closed (ioredis 6.0). */
export function acceptsCommands(client: RedisClient): boolean {
  return client.status === 'ready' && (client instanceof Cluster || client.stream.writable);
}

/** In a cluster a node answers PING even when the slots of another one are served by nobody. */
export async function checkIsUp(client: RedisClient): Promise<void> {
  if (!(client instanceof Cluster)) {
    await client.ping();
    return;
  }
  const state = String(await client.cluster('INFO'));
  if (!state.includes('cluster_state:ok')) throw new Error('the cluster does not serve every slot');
}
