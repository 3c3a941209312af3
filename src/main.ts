import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AuthorizationServer, createAuthorizationServer } from './app.ts';
import { type Config, ConfigError, loadConfigFromProcess } from './config/index.ts';
import { announceDemonstration, mountDemonstration } from './demonstration.ts';

/** The process: configuration → store → application → listen; SIGTERM drains. */
async function main() {
  const config = loadConfigFromProcess();
  const http = createServer();
  // Listening first: with `PORT=0` the issuer contains the port that was found.
  const port = await listen(http, config);
  const issuer = config.issuer ?? `http://localhost:${port}/mcp`;
  const server = await createAuthorizationServer({ ...config, issuer });
  if (config.demo) await mountDemonstration(server);
  http.on('request', server.callback());
  announce(server, config, port);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => drain(http, server));
}

function listen(http: Server, { host, port }: Config): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, host, () => resolve((http.address() as AddressInfo).port));
  });
}

function announce({ issuer, log }: AuthorizationServer, { host, demo }: Config, port: number) {
  log.info({ event: 'start', issuer, host, port }, `listening on http://${host}:${port}`);
  if (demo) announceDemonstration(issuer);
}

/** Stops accepting, finishes what runs, then leaves the store in peace. */
function drain(http: Server, server: AuthorizationServer) {
  server.log.info({ event: 'stop' }, 'finishing what runs');
  // A client that keeps its connection would hold the process until its time-out: the answer it waits for is the last one.
  http.prependListener('request', (_request, response) => response.setHeader('Connection', 'close'));
  const sweep = setInterval(() => http.closeIdleConnections(), 50);
  // Streams end only when they are told to; who followed comes back and finds the next server.
  server.revocationFeed.close();
  http.close(async () => {
    clearInterval(sweep);
    await server.close();
    process.exit(0);
  });
}

/** A wrong setting is the operator's to fix: one message with all of them, no stack trace. */
function explainStart(error: Error & { code?: string }) {
  const expected = error instanceof ConfigError || error.code !== undefined;
  process.stderr.write(`${expected ? error.message : error.stack}\n`);
  process.exit(1);
}

main().catch(explainStart);
