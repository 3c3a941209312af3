import type { AddressInfo } from 'node:net';
import { createConsole } from '../../examples/console/console.ts';
import { createPlainBrowser, type Rest } from '../support/browser-without-a-screen.ts';
import { freePort } from '../support/redis.ts';
import { anAuthorizationServer } from './authorization-server.ts';

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
    server,
    people,
    origin,
    signIn,
    directoryUrl: `${origin}/internal/directory`,
    async close() {
      http.closeAllConnections();
      await new Promise((closed) => http.close(closed));
      await server.close();
    },
  };
}

/** One browser: what it holds for the authorization server, and for the console. */
export function aPerson(example: Awaited<ReturnType<typeof theExample>>) {
  const atServer = createPlainBrowser(example.server.origin);
  const atConsole = createPlainBrowser(example.origin);
  const headers = { origin: example.origin };

  const person = {
    atServer,
    atConsole,
    /** Opens the URL of a waiting authorization; rests where the console asks, or at the way back when it asks nothing. */
    async comes(url: string): Promise<Rest> {
      const sentAway = await atServer.open(url);
      return atConsole.open(sentAway.url.href);
    },
    signsIn: (page: Rest, email = 'ada@example.com', password = 'demo-password') =>
      atConsole.submit(page, '/sign-in', { email, password }, headers),
    cancels: (page: Rest) => atConsole.submit(page, '/mcp/cancel', {}, headers),
    does: (page: Rest, action: string, fields = {}) => atConsole.submit(page, action, fields, headers),
    opensConsole: () => atConsole.open('/'),
    /** Follows the way back; what the authorization server made of it. */
    async returns(back: Rest): Promise<{ status: number; body: unknown; url: URL }> {
      const { status, html, url } = await atServer.open(back.url.href);
      return { status, body: html === '' ? undefined : JSON.parse(html), url };
    },
  };
  return person;
}
