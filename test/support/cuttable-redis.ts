import { Redis } from 'ioredis';
import type { RedisConnection } from '../../src/storage/redis/index.ts';
import { type CuttableLine, createCuttableLine } from './cuttable-line.ts';
import { eventually } from './eventually.ts';
import { freePort, joinCluster, type RedisServer, startRedis, startRedisSentinel } from './redis.ts';

/** A Redis that is reached by lines which can be cut, whichever way it is run. */
export interface CuttableRedis extends AsyncDisposable {
  readonly connection: RedisConnection;
  /** Cuts as soon as what holds this text is answered, wherever that is. */
  cutAfter(text: string): Promise<void>;
  repair(): void;
  empty(): Promise<void>;
  keys(): Promise<{ key: string; msLeft: number }[]>;
  killClients(): Promise<void>;
}

export const cuttableRedis = {
  'one Redis': async () => {
    await using started = new AsyncDisposableStack();
    const server = started.use(await startRedis());
    const line = started.use(await createCuttableLine(server.port));
    return reached({ kind: 'single', url: line.origin.replace('http', 'redis') }, [{ server, line }], started.move());
  },
  'a Redis behind Sentinels': async () => {
    await using started = new AsyncDisposableStack();
    const server = started.use(await startRedis());
    const line = started.use(await createCuttableLine(server.port));
    // They name the line: it is what they watch, and longer than any cut here until they would look for another primary.
    const sentinel = started.use(await startRedisSentinel(portOf(line)));
    const sentinels = [{ host: '127.0.0.1', port: sentinel.port }];
    return reached({ kind: 'sentinel', sentinels, name: 'bkend' }, [{ server, line }], started.move());
  },
  'a Cluster': async () => {
    await using started = new AsyncDisposableStack();
    const nodes: Node[] = [];
    for (let n = 0; n < 3; n += 1) {
      const [near, bus] = [await freePort(), await freePort()];
      const configuration = `cluster-enabled yes\ncluster-port ${bus}\ncluster-announce-bus-port ${bus}\ncluster-announce-port ${near}\ncluster-announce-ip 127.0.0.1\n`;
      const server = started.use(await startRedis({ configuration }));
      nodes.push({ server, line: started.use(await createCuttableLine(server.port, near)), bus });
    }
    await join(nodes);
    const addresses = nodes.map(({ line }) => ({ host: '127.0.0.1', port: portOf(line) }));
    return reached({ kind: 'cluster', nodes: addresses }, nodes, started.move());
  },
} satisfies Record<string, () => Promise<CuttableRedis>>;

interface Node {
  readonly server: RedisServer;
  readonly line: CuttableLine;
  readonly bus?: number;
}

const portOf = ({ origin }: CuttableLine) => Number(new URL(origin).port);

async function join(nodes: readonly Node[]): Promise<void> {
  const operators = nodes.map(({ server }) => new Redis(server.port));
  await joinCluster(
    operators,
    nodes.map(({ line, bus = 0 }) => ({ port: portOf(line), busPort: bus })),
  );
  const isOk = async (operator: Redis) =>
    /cluster_state:ok.*known_nodes:3/s.test(String(await operator.cluster('INFO')));
  await eventually(async () => (await Promise.all(operators.map(isOk))).every(Boolean));
  for (const operator of operators) operator.disconnect();
}

function reached(connection: RedisConnection, nodes: readonly Node[], started: AsyncDisposableStack): CuttableRedis {
  const operators = nodes.map(({ server }) => new Redis(server.port));
  const lines = nodes.map(({ line }) => line);
  return {
    connection,
    cutAfter: (text) => Promise.race(lines.map((line) => line.cutAfter(text))),
    repair() {
      for (const line of lines) line.repair();
    },
    async empty() {
      for (const operator of operators) await operator.flushall();
    },
    async keys() {
      const found = operators.map(async (operator) => {
        const keys = await operator.keys('*');
        return Promise.all(keys.map(async (key) => ({ key, msLeft: await operator.pttl(key) })));
      });
      return (await Promise.all(found)).flat();
    },
    async killClients() {
      for (const operator of operators) await operator.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    },
    async [Symbol.asyncDispose]() {
      for (const operator of operators) operator.disconnect();
      await started.disposeAsync();
    },
  };
}
