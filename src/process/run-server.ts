import { createServer } from 'node:http';
import type { Config } from '../config/index.ts';
import type { AuthorizationServer } from '../plugin.ts';
import { checkConfiguredClients } from '../provider/index.ts';
import { announce } from './announcement.ts';
import { mountDemonstration } from './demonstration.ts';
import { createDrain } from './drain.ts';
import { serve } from './listen.ts';
import { loadConfigWithEnvFile } from './load-config.ts';
import { explainStartError } from './start-error.ts';

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
  const http = createServer();
  const drain = createDrain(http);
  let started: AuthorizationServer | undefined;

  /** Stops accepting, finishes what runs, then leaves the store in peace. */
  async function stop() {
    // Nobody was answered yet, and the store bears an end at any moment.
    if (!started) return process.exit(0);
    const { log, revocationFeed, close } = started;
    log.info({ event: 'stop' }, 'finishing what runs');
    // Streams end only when they are told to; who followed comes back and finds the next server.
    revocationFeed.close();
    const cut = await drain();
    if (cut > 0) log.warn({ event: 'stop.cut', connections: cut }, 'cut what did not finish');
    await close();
    process.exit(0);
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop);
  await serve(http, config, async (port) => {
    const server = await create({ ...config, issuer: config.issuer ?? `http://localhost:${port}/mcp` });
    await checkConfiguredClients(server.app, config.policy.clients);
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
