import { fileURLToPath } from 'node:url';
import { createBalancer } from '../../support/balancer.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/redis.ts';
import { type ServerProcess, startProcess, temporaryFolder } from '../../support/spawned-server.ts';
import type { LabStore } from './stores.ts';

export interface DeploymentOptions {
  /** One server for each: by so many seconds its clock is wrong. */
  readonly clocks?: readonly number[];
  readonly asksReadiness?: boolean;
  readonly env?: Record<string, string>;
}

const shiftedClock = fileURLToPath(new URL('../../support/shifted-clock.mjs', import.meta.url));

export async function deploy(store: LabStore, options: DeploymentOptions = {}) {
  const { clocks = [0, 0], asksReadiness = true, env = {} } = options;
  await using started = new AsyncDisposableStack();
  const folder = started.use(await temporaryFolder());
  const ports: number[] = [];
  for (const _ of clocks) ports.push(await freePort());
  const balancer = started.use(await createBalancer(ports, { asksReadiness }));
  const issuer = `${balancer.origin}/mcp`;
  const nodes: ServerProcess[] = [];
  started.defer(async () => {
    for (const node of nodes) node.signal('SIGKILL');
    await Promise.all(nodes.map(({ exit }) => exit));
  });

  const settings = (node: number): Record<string, string> => {
    const shift = clocks[node] ?? 0;
    const clock = { NODE_OPTIONS: `--import=${shiftedClock}`, CLOCK_SHIFT: String(shift) };
    const own = { PORT: String(ports[node]), ISSUER: issuer, STORE_SECRET: 'a secret that all these processes know' };
    return { ...own, ...store.env, ...(shift !== 0 && clock), ...env };
  };
  const launch = async (node: number) => {
    const server = startProcess(folder.path, settings(node));
    nodes[node] = server;
    await server.logged('start');
  };
  const isReady = (node: number) => balancer.isReady(node) || !asksReadiness;
  const start = async (node: number) => {
    await launch(node);
    await eventually(() => isReady(node));
  };
  // The first makes the keys that all others take.
  for (const node of ports.keys()) await start(node);

  const all = started.move();
  return {
    origin: balancer.origin,
    issuer,
    balancer,
    size: ports.length,
    /** Starts one that was ended, on the port that it had; resolves when it is ready. */
    start,
    /** Ends one; resolves with its exit code. */
    end(node: number, signal: 'SIGKILL' | 'SIGTERM') {
      nodes[node]?.signal(signal);
      return (nodes[node] as ServerProcess).exit;
    },
    /** Resolves when each is ready. */
    ready: () => eventually(() => ports.keys().every(isReady)),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** Real processes over one store, behind a balancer that hands each request on once. */
export type Deployment = Awaited<ReturnType<typeof deploy>>;
