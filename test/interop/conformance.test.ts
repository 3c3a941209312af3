import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { temporaryFolder } from '../support/process.ts';
import { freePort } from '../support/redis.ts';
import { registerClient } from '../support/relying-party.ts';
import { shared } from '../support/shared.ts';
import { configuredClient, documentUrl, startRevisionLab } from './client-lab.ts';
import { type RegistrationKind, registrations } from './clients.ts';
import { setUpWorkstation, type Workstation } from './workstation.ts';

const program = fileURLToPath(
  new URL('../../node_modules/@modelcontextprotocol/conformance/dist/index.js', import.meta.url),
);

interface Check {
  readonly id: string;
  readonly status: string;
  readonly errorMessage?: string;
}

const lab = shared(() => startRevisionLab('2026-07-28'));

/** It wants the id of a client that exists, and chooses the redirect URI by its port. */
const clientId: Record<RegistrationKind, (redirectUri: string) => Promise<string>> = {
  'registered by itself': async (uri) => (await registerClient(lab.server.issuer, { redirect_uris: [uri] })).clientId,
  'described by a document': async () => documentUrl,
  'registered beforehand': async () => configuredClient.client_id,
};

describe('the conformance suite of the MCP project', () => {
  it.each(registrations)('finds no failure and nothing to warn of, as a client %s', async (registration) => {
    await using workstation = await setUpWorkstation(lab.server.origin);
    await using results = await temporaryFolder();
    const port = await freePort();
    const id = await clientId[registration](`http://127.0.0.1:${port}/callback`);

    const said = await run(workstation, ['--client-id', id, '--port', String(port), '--output-dir', results.path]);

    expect({ ...said, checks: await readChecks(results.path) }).toEqual({
      code: 0,
      lines: expect.arrayContaining(['Total: 3 passed, 0 failed']),
      checks: [
        { id: 'authorization-code-grant', status: 'SUCCESS' },
        { id: 'authorization-server-metadata', status: 'SUCCESS' },
        { id: 'authorization-server-metadata-cimd', status: 'SUCCESS' },
      ],
    });
  });

  it('finds a failure when its person declines', async () => {
    await using workstation = await setUpWorkstation(lab.server.origin, { declines: true });
    await using results = await temporaryFolder();
    const port = String(await freePort());

    const said = await run(workstation, ['--client-id', documentUrl, '--port', port, '--output-dir', results.path]);

    expect(said.code).toBe(1);
    expect(await readChecks(results.path)).toContainEqual({
      id: 'authorization-code-grant',
      status: 'FAILURE',
      errorMessage: expect.stringContaining('access_denied'),
    });
  });
});

/** Both scenarios of its `authorization` command; it prints what somebody must open in a browser, and waits. */
async function run(workstation: Workstation, parameters: readonly string[]) {
  const { issuer } = lab.server;
  const all = [program, 'authorization', '--url', issuer, '--resource', issuer, ...parameters];
  const child = spawn(process.execPath, all, { env: workstation.env, stdio: ['ignore', 'pipe', 'inherit'] });
  using _ended = { [Symbol.dispose]: () => child.kill('SIGKILL') };
  const ended = once(child, 'exit');
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (line.startsWith(`${issuer}/oauth/authorize?`)) await workstation.open(new URL(line));
  }
  const [code] = await ended;
  return { code, lines };
}

async function readChecks(folder: string) {
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('checks.json')).sort();
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  return texts
    .flatMap((text): Check[] => JSON.parse(text))
    .map(({ id, status, errorMessage }) => ({ id, status, ...(errorMessage && { errorMessage }) }));
}
