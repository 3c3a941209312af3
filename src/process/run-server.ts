import { createServer, type Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { AuthorizationServer } from '../composition/index.ts';
import type { Config } from '../config/index.ts';
import { checkConfiguredClients } from '../provider/index.ts';
import { announce } from './announcement.ts';
import { mountDemonstration } from './demonstration.ts';
import { createDrain } from './drain.ts';
import { listen, serve } from './listen.ts';
import { loadConfigWithEnvFile } from './load-config.ts';
import { explainStartError } from './start-error.ts';

/** Node looks for those that are over as often as this: together they are cut within 30 seconds. */
const checkMs = 5000;
const requestMs = 25_000;
/**
 * For how long answers under way are waited for. Container engines kill ten seconds after they asked to stop: two of them are left
 * for what is cut then, and for the store. What is announced for longer is set up for a longer end.
 */
const drainTimeoutMs = (delayMs: number) => Math.max(3000, 8000 - delayMs);

/**
 * How long an idle connection is kept: longer than a balancer in front keeps it. The other two begin with the first byte
 * of a request, and with the connection; they do not end an idle one (Node 18 on; before, nodejs/node#20256).
 */
function timeouts({ keepAliveTimeout }: Config) {
  return {
    keepAliveTimeout: keepAliveTimeout * 1000,
    headersTimeout: requestMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: checkMs,
  };
}

/** Resolves when it listens: a port that is taken stops the start. */
async function listenForOperations(server: AuthorizationServer, config: Config) {
  const { host, metricsPort } = config;
  if (metricsPort === undefined) return undefined;
  const http = createServer(timeouts(config), server.operations());
  await listen(http, { host, port: metricsPort });
  return http;
}

type CreateServer = (config: Config) => Promise<AuthorizationServer>;

/** The process: configuration → store and application → listen; SIGTERM drains. */
export async function runServer(create: CreateServer): Promise<void> {
  let config: Config | undefined;
  try {
    config = loadConfigWithEnvFile();
    await start(config, create);
  } catch (error) {
    process.stderr.write(`${explainStartError(error as Error, config)}\n`);
    process.exit(1);
  }
}

async function start(config: Config, create: CreateServer): Promise<void> {
  const http = createServer(timeouts(config));
  const drain = createDrain(http);
  let operations: Server | undefined;
  let started: AuthorizationServer | undefined;

  /** Tells balancers, stops accepting, finishes what runs, then leaves the store in peace. */
  async function stop() {
    // Nobody was answered yet, and the store bears an end at any moment.
    if (!started) return process.exit(0);
    const { log, health, revocation, close } = started;
    const delayMs = config.shutdownDelay * 1000;
    health.leave();
    // What a balancer keeps open it would use again, at the very moment at which it is closed (R118).
    http.prependListener('request', (_request, response) => response.setHeader('Connection', 'close'));
    if (delayMs > 0) log.info({ event: 'stop.announced' }, 'not ready any more; everybody is still served');
    await delay(delayMs);
    log.info({ event: 'stop' }, 'finishing what runs');
    // Streams end only when they are told to; who followed comes back and finds the next server.
    revocation.feed.close();
    const cut = await drain(drainTimeoutMs(delayMs));
    if (cut > 0) log.warn({ event: 'stop.cut', connections: cut }, 'cut what did not finish');
    operations?.closeAllConnections();
    await close();
    process.exit(0);
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop);
  await serve(http, config, async (port) => {
    const server = await create({ ...config, issuer: config.issuer ?? `http://localhost:${port}/mcp` });
    await checkConfiguredClients(server.app, config.policy.clients);
    operations = await listenForOperations(server, config);
    const hasMcpServer = config.demo && (await mountDemonstration(server));
    return {
      callback: server.callback(),
      ready(found) {
        started = server;
        announce({ server, config, port: found, hasMcpServer });
      },
    };
  });
}
