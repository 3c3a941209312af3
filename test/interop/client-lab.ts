import { expect } from '@jest/globals';
import { startWeb } from '../clients/document-web.ts';
import { createTestClock } from '../support/clock.ts';
import type { Actions } from '../support/person.ts';
import { changedPolicy } from '../support/policy.ts';
import { startServer, type TestServer, type TestServerOptions } from '../support/server.ts';
import type { RegistrationKind, Revision } from './clients.ts';
import { createInstallation, type Installation } from './installation.ts';
import { client2Tool } from './mcp-client-2.ts';
import { createSdk1Tool } from './mcp-sdk-1.ts';
import { mountOlderMcpServer } from './older-mcp-server.ts';
import { type CreateTool, redirectUri, type Tool } from './tool.ts';
import { createWebBrowser, type WebBrowser } from './web-browser.ts';
import { createWire, type Wire } from './wire.ts';

/** A client, and the revision of the MCP specification that it speaks. */
interface LabClient {
  readonly client: string;
  readonly revision: string;
  readonly create: CreateTool;
}

const clients: readonly LabClient[] = [
  { client: 'the MCP SDK 1.x', revision: '2025-11-25', create: createSdk1Tool },
  { client: 'the MCP client 2.x, as it comes', revision: '2025-11-25', create: client2Tool('legacy') },
  { client: 'the MCP client 2.x, at the newest revision', revision: '2026-07-28', create: client2Tool('auto') },
];

/** Each with each way in which it comes by its client id. */
export const labRows = clients.flatMap((client) =>
  (['registered by itself', 'registered beforehand'] as const).map((registration) => ({ ...client, registration })),
);

export const selfRegistered = labRows.filter(({ registration }) => registration === 'registered by itself');

/** Loopback URIs, which hold for every port. */
const redirectUris = [redirectUri, 'http://127.0.0.1/oauth/callback'];

export const configuredClient = { client_id: 'editor', client_name: 'Editor', redirect_uris: redirectUris };

/** Where the document of the app is published. */
export const documentUrl = 'https://tool.example.com/client.json';

/** What an app is delivered with, so that it comes by its client id in this way. */
function delivered(registration: RegistrationKind, issuer: string): Installation {
  const installation = createInstallation();
  if (registration === 'described by a document') installation.keep('document', documentUrl);
  if (registration === 'registered beforehand') {
    installation.keep('client', { client_id: configuredClient.client_id, issuer });
  }
  return installation;
}

/** A server with its demonstration MCP server, to which the clients registered beforehand are known. */
export async function startLab(options: TestServerOptions = {}): Promise<TestServer> {
  using policy = changedPolicy({ clients: [configuredClient] });
  // Awaited: the file must not be gone before it is read.
  return await startServer({ demonstration: true, ...options, env: { ...policy.env, ...options.env } });
}

export interface RevisionLab {
  readonly server: TestServer;
  /** The revision that the last request to the MCP server spoke, by its own word. */
  spoken(): string | undefined;
  /** Moves the clock of both servers. */
  pass(seconds: number): void;
  close(): Promise<void>;
}

/** The same with an MCP server of one revision, and a web on which the document of the app is published. */
export async function startRevisionLab(
  revision: Revision,
  // Clients of 2025-03-26 look for an issuer without a path, and the newer ones of them accept no other.
  path = revision === '2025-03-26' ? '' : '/mcp',
): Promise<RevisionLab> {
  const { clock, pass } = createTestClock();
  const web = await startWeb();
  web.serveJson(documentUrl, { client_id: documentUrl, client_name: 'Editor', redirect_uris: redirectUris });
  let spoken: string | undefined;
  const isOlder = revision < '2025-11-25';
  const server = await startLab({
    parts: { network: web.network, clock },
    demonstration: !isOlder,
    path,
    mount(authorizationServer) {
      const { pathname } = new URL(authorizationServer.issuer);
      authorizationServer.app.use((ctx, next) => {
        if (ctx.path === pathname) spoken = ctx.get('mcp-protocol-version');
        return next();
      });
      if (isOlder) mountOlderMcpServer(authorizationServer, revision, clock);
    },
  });
  const close = async () => {
    await server.close();
    await web.close();
  };
  return { server, spoken: () => spoken, pass, close };
}

export interface Installed<T extends Tool = Tool> extends AsyncDisposable {
  readonly tool: T;
  readonly installation: Installation;
  readonly browser: WebBrowser;
  readonly wire: Wire;
  /** What the app keeps of them. */
  tokens(): Tokens;
  /** Behind its back, as a person does on the page of their connections, or an administrator; of the connection, unless told. */
  revoke(kind?: keyof Tokens): Promise<void>;
}

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

interface InstallOptions {
  readonly installation?: Installation;
  readonly actions?: Actions;
  readonly browser?: WebBrowser;
  /** What its person enters, where that is not the issuer. */
  readonly url?: string | URL;
}

/** Somebody installs an AI tool and enters the URL of the MCP server. */
export function install<T extends Tool>(
  { create, registration = 'registered by itself' }: { create: CreateTool<T>; registration?: RegistrationKind },
  { issuer, origin }: Pick<TestServer, 'issuer' | 'origin'>,
  options: InstallOptions = {},
): Installed<T> {
  const { installation = delivered(registration, issuer), actions, url = issuer } = options;
  const { browser = createWebBrowser(origin, actions) } = options;
  const wire = createWire();
  const tool = create({ url: new URL(url), installation, browser, wire });
  const tokens = () => installation.find<Tokens>('tokens') as Tokens;
  return {
    ...{ tool, installation, browser, wire, tokens },
    async revoke(kind = 'refresh_token') {
      const { client_id = '' } = installation.find<{ client_id: string }>('client') ?? {};
      const body = new URLSearchParams({ client_id, token: tokens()[kind] });
      expect((await fetch(`${issuer}/oauth/revoke`, { method: 'POST', body })).status).toBe(200);
    },
    [Symbol.asyncDispose]: () => tool[Symbol.asyncDispose](),
  };
}
