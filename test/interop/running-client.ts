import type { Actions } from '../support/person.ts';
import type { TestServer } from '../support/server.ts';
import { install } from './client-lab.ts';
import type { RealClient, RealRow } from './clients.ts';
import { openidClientTool, webapiTool } from './generic-tools.ts';
import { client2Tool } from './mcp-client-2.ts';
import { createSdk1Tool } from './mcp-sdk-1.ts';
import { startInspector, startMcpRemote } from './programs.ts';
import type { CreateTool } from './tool.ts';

/** A real client on somebody's computer, whether library or program. */
export interface RunningClient extends AsyncDisposable {
  whoami(): Promise<Record<string, unknown>>;
  /** Where it has sent its person so far. */
  readonly visits: readonly URL[];
}

export type HowItRuns = Pick<RealRow, 'registration' | 'revision'>;
export type StartClient = (row: HowItRuns, server: TestServer, actions?: Actions) => Promise<RunningClient>;

export const startClient: Record<RealClient['name'], StartClient> = {
  'sdk-1': startTool(() => createSdk1Tool),
  'client-2': startTool((revision) => client2Tool(revision === '2026-07-28' ? 'auto' : 'legacy')),
  'openid-client': startTool(openidClientTool),
  oauth4webapi: startTool(webapiTool),
  'mcp-remote': startMcpRemote,
  inspector: startInspector,
};

function startTool(toolFor: (revision: RealRow['revision']) => CreateTool): StartClient {
  return async ({ registration, revision }, server, actions = {}) => {
    const { tool, browser, ...installed } = install({ create: toolFor(revision), registration }, server, { actions });
    const whoami = () => tool.call('whoami');
    return { visits: browser.visits, whoami, [Symbol.asyncDispose]: installed[Symbol.asyncDispose] };
  };
}
