import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { eventually } from '../support/eventually.ts';
import type { Actions } from '../support/person.ts';
import { freePort } from '../support/redis.ts';
import type { TestServer } from '../support/server.ts';
import { configuredClient, documentUrl } from './client-lab.ts';
import type { RealRow, RegistrationKind } from './clients.ts';
import type { RunningClient } from './running-client.ts';
import { setUpWorkstation } from './workstation.ts';

const program = fileURLToPath(new URL('../../node_modules/mcp-remote/dist/proxy.js', import.meta.url));

const howToRegister: Record<RegistrationKind, readonly string[]> = {
  'registered by itself': [],
  'described by a document': ['--client-metadata-url', documentUrl],
  'registered beforehand': ['--static-oauth-client-info', JSON.stringify({ client_id: configuredClient.client_id })],
};

/** The program `mcp-remote`, started by an editor that can only speak to programs. */
export async function startMcpRemote(
  { registration, revision }: Pick<RealRow, 'registration' | 'revision'>,
  server: TestServer,
  actions: Actions = {},
): Promise<RunningClient> {
  const said: string[] = [];
  // It keeps a code that comes early, but forgets a refusal: a person who declines is never that quick.
  const waits = () => eventually(() => said.join('').includes('Waiting for authorization'));
  const workstation = await setUpWorkstation(server.origin, actions, waits);
  const client = new Client({ name: 'editor', version: '1.0.0' });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [
      program,
      server.issuer,
      String(await freePort()),
      ...['--transport', 'http-only', '--protocol', revision === '2026-07-28' ? 'auto' : 'legacy'],
      ...howToRegister[registration],
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
}
