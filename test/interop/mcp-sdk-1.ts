import { type OAuthClientProvider, UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { createProvider, createTool, type SdkTool, type Session, type ToolSurroundings } from './tool.ts';

/** An app on `@modelcontextprotocol/sdk` 1.x that asks its person for more permissions when it needs them. */
export function createSdk1Tool(surroundings: ToolSurroundings): SdkTool {
  const stepUp = createStepUp();
  const provider = withStepUp(createProvider(surroundings), stepUp);
  return createTool(surroundings, () => createSession(surroundings, provider, stepUp.watch(surroundings.wire.fetch)));
}

/** The same without any care for permissions, as a first app is written. */
export function createPlainSdk1Tool(surroundings: ToolSurroundings): SdkTool {
  const provider = createProvider(surroundings);
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

function withStepUp(provider: OAuthClientProvider, stepUp: { isDue: boolean }): OAuthClientProvider {
  return {
    ...provider,
    async tokens() {
      const tokens = await provider.tokens();
      if (tokens && stepUp.isDue) delete tokens.refresh_token;
      return tokens;
    },
    async saveTokens(tokens) {
      await provider.saveTokens(tokens);
      stepUp.isDue = false;
    },
  };
}

function createSession({ url }: ToolSurroundings, authProvider: OAuthClientProvider, send: typeof fetch): Session {
  const client = new Client({ name: 'editor', version: '1.0.0' });
  const transport = new StreamableHTTPClientTransport(url, { authProvider, fetch: send });
  return {
    client,
    // The cast: the client's own types (1.32) are not written for exactOptionalPropertyTypes.
    connect: () => client.connect(transport as Parameters<Client['connect']>[0]),
    revision: () => transport.protocolVersion,
    needsPerson: (error) => error instanceof UnauthorizedError,
    async finishAuthorization({ searchParams }) {
      const code = searchParams.get('code');
      if (code === null) throw new Error(searchParams.get('error_description') ?? 'not authorized');
      await transport.finishAuth(code);
    },
  };
}
