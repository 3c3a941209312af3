import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { createAuthorizationServer } from '../../src/app.ts';
import type { AuthorizationServer, Parts } from '../../src/composition/plugin.ts';
import { loadConfig } from '../../src/config/index.ts';
import { createPasswordHasher } from '../../src/directory/index.ts';
import { mountDemonstration } from '../../src/process/demonstration.ts';
import { cheapParameters } from './cheap-passwords.ts';
import { changedPolicy } from './policy.ts';

export interface TestServerOptions {
  /** Settings beside the defaults of development. */
  readonly env?: Record<string, string>;
  /** Members of the shipped policy that are another one here. */
  readonly policy?: Record<string, object | string>;
  /** Path of the issuer; `/mcp` unless told. */
  readonly path?: string;
  readonly parts?: Parts;
  /** A password costs what it does in production; the least there is unless told. */
  readonly costlyPasswords?: boolean;
  /** The public identifier, when it is not where this server listens: one of several nodes, or behind a proxy. */
  readonly issuer?: string;
  /** The port of an earlier server, for a restart. */
  readonly port?: number;
  /** Without it the demonstration accounts exist, but no MCP server. */
  readonly demonstration?: boolean;
  /** Puts something else in front of the protocol's routes, and of the demonstration. */
  readonly mount?: (server: AuthorizationServer) => void;
}

/** A whole server on a free port, in memory unless the settings name a store. */
export async function startServer(options: TestServerOptions = {}) {
  // As `npm start`: what is idle for less is not closed under a request, however long a test blocks this process.
  const http = createServer({ keepAliveTimeout: 65_000 });
  const port = await listen(http, options.port ?? 0);
  const origin = `http://localhost:${port}`;
  const issuer = options.issuer ?? `${origin}${options.path ?? '/mcp'}`;
  using policy = options.policy && changedPolicy(options.policy);
  const loaded = loadConfig({
    ...policy?.env,
    DATABASE: ':memory:',
    STORE_SECRET: 'a secret that only tests may know',
    ...options.env,
  });
  const config = { ...loaded, issuer };
  /** What the log said, one object a line. */
  const logLines: Record<string, unknown>[] = [];
  const log = pino({ level: 'debug', base: null }, { write: (line: string) => logLines.push(JSON.parse(line)) });

  const passwords = createPasswordHasher(cheapParameters, config.policy.limits.waitingPasswords);
  const cheaply = options.costlyPasswords ? {} : { passwords };
  const server = await createAuthorizationServer(config, { log, ...cheaply, ...options.parts }).catch((error) => {
    http.close();
    throw error;
  });
  options.mount?.(server);
  if (options.demonstration) await mountDemonstration(server, options.parts?.clock);
  http.on('request', server.callback());

  const close = async () => {
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
    await server.close();
  };
  return { issuer, origin, config, server, logLines, close, [Symbol.asyncDispose]: close };
}

export type TestServer = Awaited<ReturnType<typeof startServer>>;

function listen(http: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, '127.0.0.1', () => resolve((http.address() as AddressInfo).port));
  });
}
