import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Actions } from '../support/person.ts';
import { freePort } from '../support/redis.ts';
import type { TestServer } from '../support/server.ts';
import { configuredClient, documentUrl } from './client-lab.ts';
import type { RealRow, RegistrationKind } from './clients.ts';
import type { RunningClient } from './running-client.ts';
import { setUpWorkstation } from './workstation.ts';

const folder = new URL('../../node_modules/@modelcontextprotocol/inspector/', import.meta.url);
const program = fileURLToPath(new URL('clients/launcher/build/index.js', folder));

const howToRegister: Record<RegistrationKind, readonly string[]> = {
  'registered by itself': [],
  'described by a document': ['--client-metadata-url', documentUrl],
  'registered beforehand': ['--client-id', configuredClient.client_id],
};

/** The command line of the MCP Inspector: a new process each time, which finds in its home what the last one kept. */
export async function startInspector(
  { registration, revision }: Pick<RealRow, 'registration' | 'revision'>,
  server: TestServer,
  actions: Actions = {},
): Promise<RunningClient> {
  const workstation = await setUpWorkstation(server.origin, actions);
  const parameters = [
    ...[program, '--cli', server.issuer, '--transport', 'http', '--format', 'json', '--quiet'],
    // The person is part of connecting, and takes their time.
    ...['--connect-timeout', '0'],
    ...['--callback-url', `http://127.0.0.1:${await freePort()}/oauth/callback`],
    ...['--protocol-era', revision === '2026-07-28' ? 'modern' : 'legacy'],
    ...howToRegister[registration],
  ];
  const env = { ...workstation.env, MCP_AUTO_OPEN_ENABLED: 'true', MCP_INSPECTOR_SECRET_STORE: 'file' };

  return {
    visits: workstation.visits,
    async whoami() {
      const call = ['--method', 'tools/call', '--tool-name', 'whoami'];
      const run = promisify(execFile)(process.execPath, [...parameters, ...call], { env });
      const { stdout } = await Promise.race([run, workstation.mishap]).finally(() => run.child.kill());
      return JSON.parse(stdout).result.structuredContent;
    },
    [Symbol.asyncDispose]: () => workstation[Symbol.asyncDispose](),
  };
}
