import { setTimeout as delay } from 'node:timers/promises';
import type { Loss } from '../../support/redis-groups.ts';
import { type Lab, type Runnable, runnable, type Scenario } from './scenario.ts';
import { mayMount } from './small-disk.ts';
import {
  cluster,
  type GroupStore,
  type LabStore,
  type LoneRedis,
  loneRedis,
  onSmallDisk,
  type StoreOnSmallDisk,
  sentinels,
  sqliteFile,
} from './stores.ts';

async function killServer({ deployment, random }: Lab<LabStore>): Promise<void> {
  const node = random.between(0, deployment.size - 1);
  await deployment.end(node, 'SIGKILL');
  await deployment.start(node);
}

async function killRedis({ store, deployment, random }: Lab<LoneRedis>): Promise<void> {
  await store.kill();
  await delay(random.between(0, 2000));
  await store.startAgain();
  await deployment.ready();
}

async function freezeRedis({ store, deployment, random }: Lab<LoneRedis>): Promise<void> {
  process.kill(store.pid, 'SIGSTOP');
  await delay(random.between(200, 4000));
  process.kill(store.pid, 'SIGCONT');
  await deployment.ready();
}

async function fillRedis({ store, deployment, random }: Lab<LoneRedis>): Promise<void> {
  await store.operator.config('SET', 'maxmemory', '1');
  await delay(random.between(500, 3000));
  await store.operator.config('SET', 'maxmemory', '0');
  await deployment.ready();
}

async function fillDisk({ store: { disk }, deployment, random }: Lab<StoreOnSmallDisk>): Promise<void> {
  await disk.fill();
  await delay(random.between(500, 3000));
  await disk.free();
  await deployment.ready();
}

async function cutConnections({ store, random }: Lab<LoneRedis>): Promise<void> {
  for (let n = random.between(5, 20); n > 0; n -= 1) {
    await store.operator.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await delay(random.between(5, 60));
  }
}

const failOver =
  (loss: Loss) =>
  async ({ store: { group }, deployment, random }: Lab<GroupStore>): Promise<void> => {
    await group.mend();
    await group.fail(random.pick(await group.primaries()), loss);
    await deployment.ready();
  };

async function replacePrimary({ store: { group }, deployment, random }: Lab<GroupStore>): Promise<void> {
  await group.replace(random.pick(await group.primaries()));
  await deployment.ready();
}

/** Each once, one after the other. */
function inTurn<Store extends LabStore>(...faults: ((lab: Lab<Store>) => Promise<void>)[]) {
  const left = [...faults];
  return async (lab: Lab<Store>) => {
    await left.shift()?.(lab);
  };
}

async function restartInTurn({ deployment }: Lab<LabStore>): Promise<void> {
  for (let node = 0; node < deployment.size; node += 1) {
    const code = await deployment.end(node, 'SIGTERM');
    if (code !== 0) throw new Error(`a server that was told to stop ended with ${code}`);
    await deployment.start(node);
  }
}

/** Again after a moment. */
const often = <Store extends LabStore>(scenario: Omit<Scenario<Store>, 'pause'>) =>
  runnable({ pause: [300, 2000], ...scenario });
const onRedis = (name: string, fault: (lab: Lab<LoneRedis>) => Promise<void>, store = () => loneRedis()) =>
  often({ name, store, fault });
const replicated = (name: string, store: () => Promise<GroupStore>, fault: (lab: Lab<GroupStore>) => Promise<void>) =>
  often({ name, store, isReplicated: true, fault });

/** What must lose nothing; each is a row of the README. */
export const scenarios = {
  server: onRedis('kill -9 of one of two servers', killServer),
  'server-sqlite': often({
    name: 'kill -9 of the only server, on SQLite',
    store: () => sqliteFile(),
    deployment: { clocks: [0] },
    fault: killServer,
  }),
  redis: onRedis('kill -9 of Redis, `appendfsync always`', killRedis),
  'redis-everysec': onRedis('kill -9 of Redis, `appendfsync everysec`', killRedis, () => loneRedis('everysec')),
  sentinel: replicated('Sentinel, kill -9 of the primary', sentinels, failOver('killed')),
  'sentinel-frozen': replicated('Sentinel, primary stopped', sentinels, failOver('frozen')),
  cluster: replicated('Cluster of 3+3, kill -9 of a primary', cluster, failOver('killed')),
  'cluster-frozen': replicated('Cluster of 3+3, primary stopped', cluster, failOver('frozen')),
  'cluster-asked': replicated('Cluster of 3+3, `CLUSTER FAILOVER` of a primary', cluster, replacePrimary),
  frozen: onRedis('SIGSTOP of Redis for up to 4 s', freezeRedis),
  full: onRedis('Redis full (`noeviction`)', fillRedis),
  'full-disk': often({
    name: 'disk full, on SQLite',
    store: onSmallDisk(sqliteFile),
    deployment: { clocks: [0] },
    fault: fillDisk,
    isPossible: mayMount,
  }),
  'full-disk-redis': often({
    name: 'disk full, under the append-only file of Redis',
    store: onSmallDisk((folder) => loneRedis('everysec', folder)),
    fault: fillDisk,
    isPossible: mayMount,
  }),
  connections: runnable({
    name: 'CLIENT KILL of all connections',
    store: () => loneRedis(),
    fault: cutConnections,
    pause: [0, 300],
  }),
  clocks: runnable({
    name: 'three servers, clocks 0, +20 s, −20 s; connections cut',
    store: () => loneRedis(),
    // Such servers are not ready, and a balancer would send them nobody: here somebody sends all the same.
    deployment: { clocks: [0, 20, -20], asksReadiness: false },
    fault: cutConnections,
    pause: [500, 2000],
  }),
  restarts: runnable({
    name: 'rolling restart of two servers, no retries',
    store: () => loneRedis(),
    deployment: { env: { SHUTDOWN_DELAY: '2' } },
    fault: restartInTurn,
    pause: [500, 1500],
    atLeast: 6,
    isUnnoticed: true,
  }),
} satisfies Record<string, Runnable>;

/** What can break around one Redis, for those who have no time for all. */
export const aroundRedis = {
  faults: 5,
  scenario: runnable({
    name: 'everything around one Redis',
    store: () => loneRedis(),
    fault: inTurn(killServer, killRedis, freezeRedis, fillRedis, cutConnections),
    pause: [300, 800],
  }),
};
