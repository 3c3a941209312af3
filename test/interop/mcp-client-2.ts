import { randomUUID } from 'node:crypto';
import {
  Client,
  type OAuthClientProvider,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from '@modelcontextprotocol/client';
import { forgetCredentials } from './installation.ts';
import { type CreateTool, createTool, redirectUri, type Session, type ToolSurroundings } from './tool.ts';

/** `legacy`: the revision 2.x speaks unless told; `auto`: the newest that both sides know. */
type Negotiation = 'legacy' | 'auto';

/** An app on `@modelcontextprotocol/client` 2.x. */
export function client2Tool(negotiation: Negotiation): CreateTool {
  return (surroundings) => {
    const provider = createProvider(surroundings);
    return createTool(surroundings, () => createSession(surroundings, provider, negotiation));
  };
}

function createProvider({ installation, browser }: ToolSurroundings): OAuthClientProvider {
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
  };
}

function createSession({ url, wire }: ToolSurroundings, authProvider: OAuthClientProvider, mode: Negotiation): Session {
  const client = new Client({ name: 'editor', version: '1.0.0' }, { versionNegotiation: { mode } });
  const transport = new StreamableHTTPClientTransport(url, { authProvider, fetch: wire.fetch });
  return {
    connect: () => client.connect(transport),
    async call(name, input) {
      const { structuredContent } = await client.callTool({ name, arguments: input });
      return structuredContent as Record<string, unknown>;
    },
    revision: () => client.getNegotiatedProtocolVersion(),
    needsPerson: (error) => error instanceof UnauthorizedError,
    // The whole callback: 2.x checks `iss` (RFC 9207) before it hands the code to anybody.
    finishAuthorization: ({ searchParams }) => transport.finishAuth(searchParams),
    close: () => client.close(),
  };
}
