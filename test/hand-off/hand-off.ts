import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConsole } from '../../examples/console/console.ts';
import type { Parts } from '../../src/composition/plugin.ts';
import type { Behaviour } from '../console/a-directory-server.ts';
import { createPlainBrowser, type LoadedPage } from '../support/browser-without-a-screen.ts';
import { freePort } from '../support/redis.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';

const example = JSON.parse(readFileSync('examples/console/auth.json', 'utf8'));

export interface HandOffOptions {
  readonly directory?: Record<string, unknown>;
  readonly clients?: readonly Record<string, unknown>[];
  readonly resources?: readonly Record<string, unknown>[];
  /** Other members of auth.json. */
  readonly policy?: Record<string, unknown>;
  readonly parts?: Parts;
  readonly env?: Record<string, string>;
  readonly demonstration?: boolean;
}

/** The whole server beside the whole console of examples/console, under its auth.json. */
export async function theHandOff({
  directory = {},
  clients,
  resources,
  policy: more = {},
  parts,
  env = {},
  demonstration = false,
}: HandOffOptions = {}) {
  const [port, consolePort] = [await freePort(), await freePort()];
  const consoleOrigin = `http://localhost:${consolePort}`;
  const folder = mkdtempSync(join(tmpdir(), 'hand-off-'));
  const policy = {
    ...example,
    organizationsUrl: `${consoleOrigin}/organizations/new`,
    directory: {
      ...example.directory,
      signIn: `${consoleOrigin}/mcp/sign-in`,
      signOut: `${consoleOrigin}/sign-out`,
      url: `${consoleOrigin}/internal/directory`,
      ...directory,
    },
    clients: clients ?? example.clients,
    resources: resources ?? example.resources,
    ...more,
  };
  writeFileSync(join(folder, 'auth.json'), JSON.stringify(policy));
  const server = await startServer({
    port,
    env: { ...env, CONFIG_FILE: join(folder, 'auth.json') },
    demonstration,
    ...(parts && { parts }),
  });
  const [{ client_id: client, client_secret: secret }] = example.clients;
  const { app, people } = createConsole(consoleOrigin, { issuer: server.issuer, client, secret });
  app.silent = true;
  let http: Server | undefined;
  let behaviour: Behaviour | undefined;
  const startConsole = async () => {
    const asWritten = app.callback();
    http = createServer((request, response) => {
      if (behaviour && request.url?.startsWith('/internal/directory')) return behaviour(request, response);
      return asWritten(request, response);
    });
    await new Promise<void>((listening) => http?.listen(consolePort, 'localhost', listening));
    if ((http.address() as AddressInfo).port !== consolePort) throw new Error('another port');
  };
  const stopConsole = async () => {
    http?.closeAllConnections();
    await new Promise((closed) => (http ? http.close(closed) : closed(undefined)));
    http = undefined;
  };
  await startConsole();
  const tool = await registerClient(server.issuer);
  const credential = `Basic ${Buffer.from(`${client}:${encodeURIComponent(secret)}`).toString('base64')}`;
  const call = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${server.issuer}/oauth/directory/${path}`, {
      method: 'POST',
      headers: { authorization: credential, 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const redirectOf = async (answer: Response) => ((await answer.json()) as { redirect_to: string }).redirect_to;
  const close = async () => {
    await stopConsole();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  };

  return {
    ...server,
    people,
    consoleOrigin,
    credential,
    tool,
    startConsole,
    stopConsole,
    /** What its directory answers instead, from now on; without anything, as it is written. */
    plays(next?: Behaviour) {
      behaviour = next;
    },
    /** As the console, or with what else it says it is. */
    call,
    /** The console says at once who has come to this page, or that nobody may; where that sends them. */
    accepts: async (page: Pick<LoadedPage, 'url'>, said: object) =>
      redirectOf(await call(`challenges/${challengeOf(page)}/accept`, { auth_time: now(), ...said })),
    rejects: async (page: Pick<LoadedPage, 'url'>, said: object) =>
      redirectOf(await call(`challenges/${challengeOf(page)}/reject`, { error: 'access_denied', ...said })),
    close,
    [Symbol.asyncDispose]: close,
  };
}

export const now = () => Math.floor(Date.now() / 1000);
export const challengeOf = ({ url }: Pick<LoadedPage, 'url'>) => String(url.searchParams.get('login_challenge'));
export const account = '/mcp/oauth/account';

export type HandOff = Awaited<ReturnType<typeof theHandOff>>;

/** One browser, with what it holds for each of the two servers. */
export function aPersonOf(here: HandOff) {
  const atServer = createPlainBrowser(here.origin);
  const atConsole = createPlainBrowser(here.consoleOrigin);
  const origin = { origin: here.consoleOrigin };

  /** From one server to the other, as often as they send there; rests on a page, or at the tool. */
  async function follow(rest: LoadedPage): Promise<LoadedPage> {
    if (rest.status !== 0) return rest;
    if (rest.url.origin === here.consoleOrigin) return follow(await atConsole.open(rest.url.href));
    return rest.url.origin === here.origin ? follow(await atServer.open(rest.url.href)) : rest;
  }

  const person = {
    atServer,
    atConsole,
    follow,
    async begins(parameters: Record<string, string | undefined> = {}) {
      const request = here.tool.authorizationRequest(parameters);
      return { ...request, page: await follow(await atServer.open(request.url.href)) };
    },
    /** Where the console sends the browser; it has not been there. */
    signsIn: (page: LoadedPage, email = 'ada@example.com') =>
      atConsole.submit(page, '/sign-in', { email, password: 'demo-password' }, origin),
    /** At our server, or where that sends them. */
    opens: async (url: string) => follow(await atServer.open(url)),
    /** Signs in there, and comes back. */
    comesIn: async (page: LoadedPage, email?: string) => follow(await person.signsIn(page, email)),
    /** To the page at the console of a flow that begins. */
    async reachesConsole(parameters: Record<string, string | undefined> = {}) {
      const { page } = await person.begins(parameters);
      return page.url.origin === here.consoleOrigin ? page : atConsole.open(page.url.href);
    },
    cancels: (page: LoadedPage) => atConsole.submit(page, '/mcp/cancel', {}, origin),
    does: (page: LoadedPage, action: string, fields = {}) => atConsole.submit(page, action, fields, origin),
    approves: (page: LoadedPage) => atServer.submit(page, '/consent'),
    /** All the way to the tokens. */
    async connects(email = 'grace@example.com', parameters: Record<string, string | undefined> = {}) {
      const { page, verifier } = await person.begins(parameters);
      const consent = page.url.origin === here.consoleOrigin ? await person.comesIn(page, email) : page;
      const callback = await person.approves(consent);
      const { body } = await here.tool.exchange(callback.url, verifier);
      return body;
    },
  };
  return person;
}
