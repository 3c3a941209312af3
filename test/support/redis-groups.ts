import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { eventually, untilDone } from './eventually.ts';
import { freePort, joinCluster, type RedisServer, startRedis, startRedisSentinel } from './redis.ts';
import type { RedisProtection } from './redis-protection.ts';

/** What may happen to a primary: its process is gone, or stands still and goes on later. */
export type Loss = 'killed' | 'frozen';

/** Several servers of which one takes over from another. Every answer is on disk before it is given. */
export interface RedisGroup extends AsyncDisposable {
  /** The settings of a server that keeps everything here. */
  readonly env: Record<string, string>;
  readonly members: readonly RedisMember[];
  primaries(): Promise<RedisMember[]>;
  /** Takes a primary away; resolves when another one serves in its place. */
  fail(primary: RedisMember, loss: Loss): Promise<void>;
  /** Has another one take over from a primary that lives on, as an operator would. */
  replace(primary: RedisMember): Promise<void>;
  /** Lets those come back; resolves when they follow their successors and have all that these have. */
  mend(): Promise<void>;
}

const durable = 'appendfsync always\nrepl-diskless-sync-delay 0\n';
/** A primary that is alone takes nothing that its successor would not have. */
const replicated = 'min-replicas-to-write 1\nmin-replicas-max-lag 10\n';

/** One primary, two replicas, three Sentinels of which two decide. */
export async function startSentinelGroup(protection?: RedisProtection): Promise<RedisGroup> {
  await using started = new AsyncDisposableStack();
  const first = started.use(await startMember(durable + replicated, protection));
  const follow = `${durable}${replicated}replicaof 127.0.0.1 ${first.port}\n`;
  const members = [first];
  for (let n = 0; n < 2; n += 1) members.push(started.use(await startMember(follow, protection)));
  await eventually(async () => (await replicasOf(first)) === 2);
  const pace = 'sentinel down-after-milliseconds bkend 2000\nsentinel failover-timeout bkend 3000\n';
  const sentinels: RedisServer[] = [];
  const ports: number[] = [];
  for (let n = 0; n < 3; n += 1) {
    const tlsPort = await freePort();
    const configuration = pace + (protection?.sentinel(tlsPort) ?? '');
    const sentinel = started.use(await startRedisSentinel(first.port, configuration, 2));
    sentinels.push(sentinel);
    ports.push(protection ? tlsPort : sentinel.port);
  }
  const asked = sentinels.map(({ url }) => new Redis(url, { ...protection?.operator }));
  started.defer(() => {
    for (const each of asked) each.disconnect();
  });

  const named = async (sentinel: Redis) =>
    Number(((await sentinel.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'bkend')) as string[])[1]);
  /** Until each of them knows all others, nobody can be elected. */
  const isComplete = async () => {
    const infos = await Promise.all(asked.map((each) => each.info('sentinel')));
    return infos.every((info) => /status=ok,.*slaves=2,sentinels=3/.test(info));
  };
  await eventually(isComplete);
  const primaries = async () => {
    const port = await named(asked[0] as Redis);
    return members.filter((member) => member.port === port);
  };
  const isReplaced = async (primary: RedisMember) => {
    const ports = await Promise.all(asked.map(named));
    const next = members.find(({ port }) => port === ports[0]);
    return ports.every((port) => port === next?.port && port !== primary.port) && (await roleOf(next)) === 'master';
  };
  const all = started.move();
  return {
    env: {
      REDIS_SENTINELS: ports.map((port) => `127.0.0.1:${port}`).join(','),
      REDIS_SENTINEL_NAME: 'bkend',
      ...protection?.env,
    },
    members,
    primaries,
    async fail(primary, loss) {
      await primary.lose(loss);
      await eventually(() => isReplaced(primary));
    },
    async replace(primary) {
      await untilDone(() => (asked[0] as Redis).call('SENTINEL', 'FAILOVER', 'bkend'));
      await eventually(() => isReplaced(primary));
    },
    mend: () => mend(members, isComplete),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** Three primaries that share the slots, each with one replica. */
export async function startClusterGroup(): Promise<RedisGroup> {
  await using started = new AsyncDisposableStack();
  const members: RedisMember[] = [];
  const busPorts: number[] = [];
  for (let n = 0; n < 6; n += 1) {
    const busPort = await freePort();
    const own = `cluster-enabled yes\ncluster-port ${busPort}\ncluster-node-timeout 1500\ncluster-replica-validity-factor 0\n`;
    members.push(started.use(await startMember(durable + own)));
    busPorts.push(busPort);
  }
  const [one, two, three, ...replicas] = members as [RedisMember, RedisMember, RedisMember, ...RedisMember[]];
  const first = [one, two, three];
  const addresses = members.map(({ port }, index) => ({ port, busPort: busPorts[index] ?? 0 }));
  const operators = members.map(({ operator }) => operator);
  await joinCluster(operators, addresses);
  const knowAll = async () => (await Promise.all(members.map(clusterInfo))).every((info) => /known_nodes:6/.test(info));
  await eventually(knowAll);
  for (const [index, replica] of replicas.entries())
    await replica.command('CLUSTER', 'REPLICATE', String(await first[index]?.command('CLUSTER', 'MYID')));
  await eventually(async () => (await Promise.all(members.map(isOk))).every(Boolean));
  await eventually(async () => (await Promise.all(replicas.map(isFollowing))).every(Boolean));

  const primaries = async () => {
    const present = members.filter(({ isAway }) => !isAway);
    const roles = await Promise.all(present.map(roleOf));
    return present.filter((_, index) => roles[index] === 'master');
  };
  const all = started.move();
  return {
    env: { REDIS_CLUSTER_NODES: members.map(({ port }) => `127.0.0.1:${port}`).join(',') },
    members,
    primaries,
    async fail(primary, loss) {
      await primary.lose(loss);
      const others = members.filter((member) => member !== primary);
      await eventually(async () => {
        const roles = await Promise.all(others.map(roleOf));
        const isServed = (await Promise.all(others.map(isOk))).every(Boolean);
        return isServed && roles.filter((role) => role === 'master').length === 3;
      });
    },
    async replace(primary) {
      let askedAt = Number.NEGATIVE_INFINITY;
      await eventually(async () => {
        if (performance.now() - askedAt > manualFailoverMs) {
          askedAt = performance.now();
          await askReplicasOf(primary, members);
        }
        return isFollowing(primary);
      });
    },
    mend: () => mend(members, isOk),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function mend(members: readonly RedisMember[], isDone: (former: RedisMember) => Promise<boolean>): Promise<void> {
  for (const former of members.filter(({ isAway }) => isAway)) {
    await former.comeBack();
    await eventually(async () => (await isFollowing(former)) && (await isDone(former)));
  }
}

/** A replica that has not caught up within five seconds gives up, and is asked again. */
const manualFailoverMs = 6000;

async function askReplicasOf(primary: RedisMember, members: readonly RedisMember[]): Promise<void> {
  const id = String(await primary.command('CLUSTER', 'MYID'));
  for (const member of members.filter(({ isAway }) => !isAway)) {
    const isReplica = String(await member.command('CLUSTER', 'NODES')).includes(`myself,slave ${id}`);
    if (isReplica) await member.command('CLUSTER', 'FAILOVER');
  }
}

/** A Redis that can be taken away and come back with what it had. */
async function startMember(settings: string, protection?: RedisProtection) {
  const directory = await mkdtemp(join(tmpdir(), 'redis-member-'));
  const tlsPort = await freePort();
  const configuration = settings + (protection?.redis(tlsPort) ?? '');
  const options = { directory, configuration, appendOnly: true };
  let server: RedisServer | undefined = await startRedis(options);
  const { port, url } = server;
  const operator = new Redis(url, {
    ...protection?.operator,
    retryStrategy: () => 50,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: true,
  });
  operator.on('error', () => undefined); // it is taken away on purpose
  let pid = server.pid;
  let isAway = false;
  return {
    port: protection ? tlsPort : port,
    operator,
    get isAway() {
      return isAway;
    },
    get pid() {
      return pid;
    },
    command: (...words: [string, ...(string | number)[]]): Promise<unknown> => operator.call(...words),
    async lose(loss: Loss) {
      isAway = true;
      if (loss === 'frozen') process.kill(pid, 'SIGSTOP');
      else {
        await server?.kill();
        server = undefined;
      }
    },
    async comeBack() {
      if (server) process.kill(pid, 'SIGCONT');
      else {
        server = await startRedis({ ...options, port, configuration: configuration.replace(/^replicaof .*$/m, '') });
        pid = server.pid;
      }
      isAway = false;
    },
    async [Symbol.asyncDispose]() {
      operator.disconnect();
      await server?.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

type RedisMember = Awaited<ReturnType<typeof startMember>>;

const replication = async (member: RedisMember) => String(await member.command('INFO', 'replication').catch(() => ''));
const clusterInfo = async (member: RedisMember) => String(await member.command('CLUSTER', 'INFO').catch(() => ''));
const isOk = async (member: RedisMember) => /cluster_state:ok/.test(await clusterInfo(member));
const isFollowing = async (member: RedisMember) => /role:slave.*master_link_status:up/s.test(await replication(member));

async function roleOf(member: RedisMember | undefined): Promise<string | undefined> {
  return member && /role:(\w+)/.exec(await replication(member))?.[1];
}

async function replicasOf(primary: RedisMember): Promise<number> {
  return (await replication(primary)).match(/state=online/g)?.length ?? 0;
}
