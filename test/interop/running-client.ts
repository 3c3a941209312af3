import type { TestServer } from '../support/server.ts';
import { install } from './client-lab.ts';
import type { RealClient, RealRow } from './clients.ts';
import { openidClientTool, webapiTool } from './generic-tools.ts';
import { startInspector } from './inspector.ts';
import { client2Tool } from './mcp-client-2.ts';
import { startMcpRemote } from './mcp-remote.ts';
import { createSdk1Tool } from './mcp-sdk-1.ts';
import type { CreateTool } from './tool.ts';

/** A real client on somebody's computer, whether library or program. */
export interface RunningClient extends AsyncDisposable {
  whoami(): Promise<Record<string, unknown>>;
  /** Where it has sent its person so far. */
  readonly visits: readonly URL[];
}

export type StartClient = (row: RealRow, server: TestServer) => Promise<RunningClient>;

export const startClient: Record<RealClient['name'], StartClient> = {
  'sdk-1': startTool(createSdk1Tool),
  'client-2': (row, server) => startTool(client2Tool(row.revision === '2026-07-28' ? 'auto' : 'legacy'))(row, server),
  'openid-client': (row, server) => startTool(openidClientTool(row.revision))(row, server),
  oauth4webapi: (row, server) => startTool(webapiTool(row.revision))(row, server),
  'mcp-remote': startMcpRemote,
  inspector: startInspector,
};

function startTool(create: CreateTool): StartClient {
  return async ({ registration }, server) => {
    const { tool, browser, ...installed } = install({ create, registration }, server);
    return {
      visits: browser.visits,
      whoami: () => tool.call('whoami'),
      [Symbol.asyncDispose]: () => installed[Symbol.asyncDispose](),
    };
  };
}
