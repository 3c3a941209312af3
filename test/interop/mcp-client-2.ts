import {
  Client,
  type OAuthClientProvider,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from '@modelcontextprotocol/client';
import { createProvider, createTool, type SdkTool, type Session, type ToolSurroundings } from './tool.ts';

/** `legacy`: the revision 2.x speaks unless told; `auto`: the newest that both sides know. */
type Negotiation = 'legacy' | 'auto';

/** An app on `@modelcontextprotocol/client` 2.x. */
export function client2Tool(negotiation: Negotiation): (surroundings: ToolSurroundings) => SdkTool {
  return (surroundings) => {
    const provider = createProvider(surroundings);
    return createTool(surroundings, () => createSession(surroundings, provider, negotiation));
  };
}

function createSession({ url, wire }: ToolSurroundings, authProvider: OAuthClientProvider, mode: Negotiation): Session {
  const client = new Client({ name: 'editor', version: '1.0.0' }, { versionNegotiation: { mode } });
  const transport = new StreamableHTTPClientTransport(url, { authProvider, fetch: wire.fetch });
  return {
    client,
    connect: () => client.connect(transport),
    revision: () => client.getNegotiatedProtocolVersion(),
    needsPerson: (error) => error instanceof UnauthorizedError,
    // The whole callback: 2.x checks `iss` (RFC 9207) before it hands the code to anybody.
    finishAuthorization: ({ searchParams }) => transport.finishAuth(searchParams),
  };
}
