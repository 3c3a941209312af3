import type { Server } from 'node:http';
import { type AuthorizationServer, createAuthorizationServer, loadConfig, type Parts } from '../../src/index.ts';
import { createDemonstrationServer } from '../mcp-server/demonstration-server.ts';

export type { Parts };
export type Settings = Record<string, string | undefined>;

export interface Application {
  readonly http: Server;
  readonly server: AuthorizationServer;
}

/** Where `HOST` and `PORT` say. */
export function serve({ http, server }: Application): void {
  const { host, port } = loadConfig(process.env);
  http.listen(port, host, () => console.log(`Give ${server.issuer} to your tool`));
}

/** What every application here is made of: the authorization server, and an MCP server at the URL that people enter. */
export async function createParts(settings: Settings, parts: Parts = {}) {
  const server = await createAuthorizationServer(loadConfig(settings), parts);
  const now = parts.clock?.now ?? Date.now;
  const mcp = createDemonstrationServer({ issuer: server.issuer, resource: server.issuer, now });
  return { server, authorization: server.middleware(), mcp: mcp.handle, path: new URL(server.issuer).pathname };
}
