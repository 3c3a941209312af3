import type { AddressInfo } from 'node:net';
import { createConsole } from '../../examples/console/console.ts';
import { systemClock } from '../../src/clock.ts';
import { createHttpDirectory } from '../../src/console/index.ts';
import { createPlainBrowser, type Rest } from '../support/browser-without-a-screen.ts';
import { freePort } from '../support/redis.ts';
import { anAuthorizationServer, type Rules } from './authorization-server.ts';

/** The program of examples/console beside an authorization server. */
export async function theExample() {
  const server = await anAuthorizationServer();
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const { app, people } = createConsole(origin, server);
  app.silent = true;
  const http = app.listen(port, '127.0.0.1');
  await new Promise((listening) => http.once('listening', listening));
  if ((http.address() as AddressInfo).port !== port) throw new Error('another port');
  const signIn = `${origin}/mcp/sign-in`;
  server.use(signIn);
  return {
    ...{ server, people, origin, signIn },
    directoryUrl: `${origin}/internal/directory`,
    async close() {
      http.closeAllConnections();
      http.close();
      await server.close();
    },
  };
}

/** The directory that the example answers, as the authorization server asks it. */
export function directoryOf({ server, directoryUrl: url }: Awaited<ReturnType<typeof theExample>>) {
  const { issuer, sign } = server;
  return createHttpDirectory({ url, issuer, sign, clock: systemClock, unavailable: 'wait' });
}

/** One browser: what it holds for the authorization server, and for the console. */
export function aPerson({ server, origin }: Awaited<ReturnType<typeof theExample>>) {
  const atServer = createPlainBrowser(server.origin);
  const atConsole = createPlainBrowser(origin);

  const person = {
    atServer,
    atConsole,
    /** Comes with an authorization that waits; rests where the console asks, or at the way back when it asks nothing. */
    async comes(uid = 'i-1', rules: Rules = {}, query = ''): Promise<Rest> {
      const sentAway = await atServer.open(server.begin(uid, rules) + query);
      return atConsole.open(sentAway.url.href);
    },
    does: (page: Rest, action: string, fields = {}) => atConsole.submit(page, action, fields, { origin }),
    signsIn: (page: Rest, email = 'ada@example.com', password = 'demo-password') =>
      person.does(page, '/sign-in', { email, password }),
    /** The way back of one who signs in for it. */
    answers: async (email?: string) => person.signsIn(await person.comes(), email),
    opensConsole: () => atConsole.open('/'),
    /** Follows the way back; what the authorization server made of it. */
    async returns(back: Rest): Promise<{ status: number; body: unknown; url: URL }> {
      const { status, html, url } = await atServer.open(back.url.href);
      return { status, body: html === '' ? undefined : JSON.parse(html), url };
    },
  };
  return person;
}
