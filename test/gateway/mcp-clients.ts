import { Client as Client2, StreamableHTTPClientTransport as Transport2 } from '@modelcontextprotocol/client';
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as Transport1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

/** What an AI tool does with an MCP server, whichever official client it is built on. */
export interface McpClient {
  readonly revision: string | undefined;
  tools(): Promise<string[]>;
  call(name: string, input?: Record<string, unknown>): Promise<Record<string, unknown>>;
  [Symbol.asyncDispose](): Promise<void>;
}

type Connect = (url: string, token: string) => Promise<McpClient>;

const NAME = { name: 'editor', version: '1.0.0' };
const withToken = (token: string) => ({ requestInit: { headers: { authorization: `Bearer ${token}` } } });

/** Every official client, and every protocol revision it negotiates. */
export const MCP_CLIENTS: [name: string, connect: Connect][] = [
  ['the official client 1.x', connectClient1],
  ['the official client 2.x, as it comes', (url, token) => connectClient2(url, token, 'legacy')],
  ['the official client 2.x, at the newest revision', (url, token) => connectClient2(url, token, 'auto')],
];

async function connectClient1(url: string, token: string): Promise<McpClient> {
  const client = new Client1(NAME);
  const transport = new Transport1(new URL(url), withToken(token));
  // The cast: the client's own types (1.32) are not written for exactOptionalPropertyTypes.
  await client.connect(transport as Parameters<Client1['connect']>[0]);
  return { revision: transport.protocolVersion, ...verbsOf(client) };
}

async function connectClient2(url: string, token: string, mode: 'legacy' | 'auto'): Promise<McpClient> {
  const client = new Client2(NAME, { versionNegotiation: { mode } });
  await client.connect(new Transport2(new URL(url), withToken(token)));
  return { revision: client.getNegotiatedProtocolVersion(), ...verbsOf(client) };
}

const verbsOf = (client: Client1 | Client2): Omit<McpClient, 'revision'> => ({
  tools: async () => (await client.listTools()).tools.map(({ name }) => name),
  call: async (name, input = {}) => client.callTool({ name, arguments: input }),
  [Symbol.asyncDispose]: () => client.close(),
});
