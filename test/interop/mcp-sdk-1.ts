import { randomUUID } from 'node:crypto';
import { type OAuthClientProvider, UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { forgetCredentials } from './installation.ts';
import { createTool, redirectUri, type Session, type Tool, type ToolSurroundings } from './tool.ts';

/** An app on `@modelcontextprotocol/sdk` 1.x that asks its person for more permissions when it needs them. */
export function createSdk1Tool(surroundings: ToolSurroundings): Tool {
  const stepUp = createStepUp();
  const provider = createProvider(surroundings, stepUp);
  return createTool(surroundings, () => createSession(surroundings, provider, stepUp.watch(surroundings.wire.fetch)));
}

/** The same without any care for permissions, as a first app is written. */
export function createPlainSdk1Tool(surroundings: ToolSurroundings): Tool {
  const provider = createProvider(surroundings, createStepUp());
  return createTool(surroundings, () => createSession(surroundings, provider, surroundings.wire.fetch));
}

/**
 * 1.32 answers `insufficient_scope` with a refresh, which brings the same scopes again. Apps that want the step-up
 * withhold their refresh token until the person has been in the browser.
 */
function createStepUp() {
  const stepUp = {
    isDue: false,
    watch:
      (send: typeof fetch): typeof fetch =>
      async (input, init) => {
        const response = await send(input, init);
        const challenge = response.headers.get('www-authenticate') ?? '';
        if (response.status === 403 && challenge.includes('insufficient_scope')) stepUp.isDue = true;
        return response;
      },
  };
  return stepUp;
}

function createProvider({ installation, browser }: ToolSurroundings, stepUp: { isDue: boolean }): OAuthClientProvider {
  const clientMetadata = {
    client_name: 'Editor',
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  };
  const document = installation.find<string>('document');
  return {
    redirectUrl: redirectUri,
    clientMetadata,
    ...(document && { clientMetadataUrl: document }),
    state() {
      installation.keep('state', randomUUID());
      return installation.find('state') as string;
    },
    clientInformation: () => installation.find('client'),
    saveClientInformation: (information) => installation.keep('client', information),
    tokens() {
      const tokens = installation.find<{ access_token: string; token_type: string; refresh_token?: string }>('tokens');
      if (tokens && stepUp.isDue) delete tokens.refresh_token;
      return tokens;
    },
    saveTokens(tokens) {
      installation.keep('tokens', tokens);
      stepUp.isDue = false;
    },
    redirectToAuthorization: (url) => browser.open(url),
    saveCodeVerifier: (verifier) => installation.keep('verifier', verifier),
    codeVerifier: () => installation.find('verifier') ?? '',
    saveDiscoveryState: (state) => installation.keep('discovery', state),
    discoveryState: () => installation.find('discovery'),
    invalidateCredentials: (scope) => forgetCredentials(installation, scope),
  };
}

function createSession({ url }: ToolSurroundings, authProvider: OAuthClientProvider, send: typeof fetch): Session {
  const client = new Client({ name: 'editor', version: '1.0.0' });
  const transport = new StreamableHTTPClientTransport(url, { authProvider, fetch: send });
  return {
    // The cast: the client's own types (1.32) are not written for exactOptionalPropertyTypes.
    connect: () => client.connect(transport as Parameters<Client['connect']>[0]),
    async call(name, input) {
      const { structuredContent } = await client.callTool({ name, arguments: input });
      return structuredContent as Record<string, unknown>;
    },
    revision: () => transport.protocolVersion,
    needsPerson: (error) => error instanceof UnauthorizedError,
    async finishAuthorization({ searchParams }) {
      const code = searchParams.get('code');
      if (code === null) throw new Error(searchParams.get('error_description') ?? 'not authorized');
      await transport.finishAuth(code);
    },
    close: () => client.close(),
  };
}
