#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { announce } from './announcement.ts';
import { type AuthorizationServer, createAuthorizationServer } from './app.ts';
import { type Config, loadConfigFromProcess } from './config/index.ts';
import { mountDemonstration } from './demonstration.ts';
import { prepareDrain } from './drain.ts';
import { createFrontDoor } from './front-door.ts';
import { checkConfiguredClients } from './provider/index.ts';
import { explainFailure } from './start-failure.ts';

/** The process: configuration → listen → store → application; SIGTERM drains. */
async function main() {
  const config = loadConfigFromProcess();
  const http = createServer();
  const door = createFrontDoor(http);
  const drain = prepareDrain(http);
  // Listening first: with `PORT=0` the issuer contains the port that was found.
  const port = await listen(http, config);
  let server: AuthorizationServer | undefined;

  /** Stops accepting, finishes what runs, then leaves the store in peace. */
  async function stop() {
    server?.log.info({ event: 'stop' }, 'finishing what runs');
    if (!server) door.shut();
    // Streams end only when they are told to; who followed comes back and finds the next server.
    server?.revocationFeed.close();
    const cut = await drain();
    if (cut > 0) server?.log.warn({ event: 'stop.cut', connections: cut }, 'cut what did not finish');
    await server?.close();
    process.exit(0);
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop);
  try {
    server = await start(config, port);
    door.open(server.callback());
  } catch (error) {
    complain(error as Error, config);
    door.shut();
    await drain(failedStartPatienceMs);
    process.exit(1);
  }
}

/** Nothing runs that would be worth more than the restart that follows. */
const failedStartPatienceMs = 1000;

function listen(http: Server, { host, port }: Config): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, host, () => resolve((http.address() as AddressInfo).port));
  });
}

async function start(config: Config, port: number): Promise<AuthorizationServer> {
  const issuer = config.issuer ?? `http://localhost:${port}/mcp`;
  const server = await createAuthorizationServer({ ...config, issuer });
  await checkConfiguredClients(server.app, config.policy.clients);
  const hasMcpServer = config.demo && (await mountDemonstration(server));
  announce({ server, config, port, hasMcpServer });
  return server;
}

function complain(error: Error, config?: Config) {
  process.stderr.write(`${explainFailure(error, config)}\n`);
}

main().catch((error) => {
  complain(error);
  process.exit(1);
});
