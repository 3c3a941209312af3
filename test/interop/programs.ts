import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/redis.ts';
import { configuredClient, documentUrl } from './client-lab.ts';
import type { StartClient } from './running-client.ts';
import { setUpWorkstation } from './workstation.ts';

const installed = (path: string) => fileURLToPath(new URL(`../../node_modules/${path}`, import.meta.url));
const mcpRemote = installed('mcp-remote/dist/proxy.js');
const inspector = installed('@modelcontextprotocol/inspector/clients/launcher/build/index.js');

const byItself = { 'registered by itself': [], 'described by a document': ['--client-metadata-url', documentUrl] };
const { client_id } = configuredClient;

/** The program `mcp-remote`, started by an editor that can only speak to programs. */
export const startMcpRemote: StartClient = async ({ registration, revision }, server, actions = {}) => {
  const said: string[] = [];
  // It keeps a code that comes early, but forgets a refusal: a person who declines is never that quick.
  const waits = () => eventually(() => said.join('').includes('Waiting for authorization'));
  const workstation = await setUpWorkstation(server.origin, actions, waits);
  const client = new Client({ name: 'editor', version: '1.0.0' });
  const identity = ['--static-oauth-client-info', JSON.stringify({ client_id })];
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [
      ...[mcpRemote, server.issuer, String(await freePort())],
      ...['--transport', 'http-only', '--protocol', revision === '2026-07-28' ? 'auto' : 'legacy'],
      ...{ ...byItself, 'registered beforehand': identity }[registration],
    ],
    env: workstation.env,
    stderr: 'pipe',
  });
  transport.stderr?.on('data', (chunk) => said.push(String(chunk)));
  let connecting: Promise<void> | undefined;

  return {
    visits: workstation.visits,
    async whoami() {
      connecting ??= client.connect(transport);
      const answer = connecting.then(() => client.callTool({ name: 'whoami', arguments: {} }));
      const { structuredContent } = await Promise.race([answer, workstation.mishap]).catch((error) => {
        throw new Error(`mcp-remote said:\n${said.join('')}`, { cause: error });
      });
      return structuredContent as Record<string, unknown>;
    },
    async [Symbol.asyncDispose]() {
      await client.close();
      await workstation[Symbol.asyncDispose]();
    },
  };
};

/** The command line of the MCP Inspector: a new process each time, which finds in its home what the last one kept. */
export const startInspector: StartClient = async ({ registration, revision }, server, actions = {}) => {
  const workstation = await setUpWorkstation(server.origin, actions);
  const parameters = [
    ...[inspector, '--cli', server.issuer, '--transport', 'http', '--format', 'json', '--quiet'],
    // The person is part of connecting, and takes their time.
    ...['--connect-timeout', '0', '--callback-url', `http://127.0.0.1:${await freePort()}/oauth/callback`],
    ...['--protocol-era', revision === '2026-07-28' ? 'modern' : 'legacy'],
    ...{ ...byItself, 'registered beforehand': ['--client-id', client_id] }[registration],
    ...['--method', 'tools/call', '--tool-name', 'whoami'],
  ];
  const env = { ...workstation.env, MCP_AUTO_OPEN_ENABLED: 'true', MCP_INSPECTOR_SECRET_STORE: 'file' };

  return {
    visits: workstation.visits,
    async whoami() {
      const run = promisify(execFile)(process.execPath, parameters, { env });
      const { stdout } = await Promise.race([run, workstation.mishap]).finally(() => run.child.kill());
      return JSON.parse(stdout).result.structuredContent;
    },
    [Symbol.asyncDispose]: () => workstation[Symbol.asyncDispose](),
  };
};
