import { randomUUID } from 'node:crypto';
import type { OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js';
import { forgetCredentials, type Installation } from './installation.ts';
import type { WebBrowser } from './web-browser.ts';
import type { Wire } from './wire.ts';

/** An AI tool that somebody installed, built on one of the official clients. */
export interface Tool extends AsyncDisposable {
  /** Calls a tool of the MCP server; connects first, and sends its person to the browser, if it must. */
  call(name: string, input?: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** The revision of MCP that client and server agreed on. */
  revision(): string | undefined;
}

/** One on an official client. */
export interface SdkTool extends Tool {
  /** The names of the tools that the MCP server lists. */
  tools(): Promise<string[]>;
}

export interface ToolSurroundings {
  /** The URL that a person enters, and nothing else. */
  readonly url: URL;
  readonly installation: Installation;
  readonly browser: WebBrowser;
  readonly wire: Wire;
}

export type CreateTool<T extends Tool = Tool> = (surroundings: ToolSurroundings) => T;

/** One client of a library with its transport; each library has its own classes for the same actions. */
export interface Session {
  readonly client: SdkClient;
  connect(): Promise<void>;
  revision(): string | undefined;
  /** Whether the library says that the person must go to the browser. */
  needsPerson(error: unknown): boolean;
  finishAuthorization(callback: URL): Promise<void>;
}

/** What both libraries call alike. */
interface SdkClient {
  callTool(call: { name: string; arguments: Record<string, unknown> }): Promise<{ readonly [member: string]: unknown }>;
  listTools(): Promise<{ tools: { name: string }[] }>;
  close(): Promise<void>;
}

export const redirectUri = 'http://127.0.0.1:33418/callback';

/** The part of an app that is the same whatever the library: when to wait for the browser, and when to try again. */
export function createTool(
  { installation, browser }: Pick<ToolSurroundings, 'installation' | 'browser'>,
  createSession: () => Session,
): SdkTool {
  let session: Session | undefined;

  async function finishAuthorization(attempt: Session, error: unknown): Promise<void> {
    if (!attempt.needsPerson(error)) throw error;
    const callback = await browser.callback();
    if (callback.searchParams.get('state') !== installation.find('state'))
      throw new Error('a callback of another flow');
    await attempt.finishAuthorization(callback);
  }

  async function connect(): Promise<Session> {
    const attempt = createSession();
    try {
      await attempt.connect();
      return attempt;
    } catch (error) {
      await finishAuthorization(attempt, error);
      await attempt.client.close();
      const next = createSession();
      await next.connect();
      return next;
    }
  }

  const connected = async () => {
    session ??= await connect();
    return session;
  };

  return {
    async call(name, input = {}) {
      const current = await connected();
      const call = () => current.client.callTool({ name, arguments: input });
      const { structuredContent } = await call().catch(async (error) => {
        await finishAuthorization(current, error);
        return call();
      });
      return structuredContent as Record<string, unknown>;
    },
    tools: async () => (await (await connected()).client.listTools()).tools.map(({ name }) => name),
    revision: () => session?.revision(),
    [Symbol.asyncDispose]: async () => session?.client.close(),
  };
}

/** What the app does for the official libraries, which ask for it by the same names in 1.x and 2.x. */
export function createProvider({ installation, browser }: ToolSurroundings) {
  const document = installation.find<string>('document');
  return {
    redirectUrl: redirectUri,
    ...(document && { clientMetadataUrl: document }),
    clientMetadata: {
      client_name: 'Editor',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    state() {
      installation.keep('state', randomUUID());
      return installation.find('state') as string;
    },
    clientInformation: () => installation.find('client'),
    saveClientInformation: (information) => installation.keep('client', information),
    tokens: () => installation.find('tokens'),
    saveTokens: (tokens) => installation.keep('tokens', tokens),
    redirectToAuthorization: (url) => browser.open(url),
    saveCodeVerifier: (verifier) => installation.keep('verifier', verifier),
    codeVerifier: () => installation.find('verifier') ?? '',
    saveDiscoveryState: (state) => installation.keep('discovery', state),
    discoveryState: () => installation.find('discovery'),
    invalidateCredentials: (scope) => forgetCredentials(installation, scope),
  } satisfies OAuthClientProvider;
}
