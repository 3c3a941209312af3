import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { childEnvironment } from '../support/child-environment.ts';
import { temporaryFolder } from '../support/process.ts';
import { install } from './client-lab.ts';
import { client2Tool } from './mcp-client-2.ts';
import { createSdk1Tool } from './mcp-sdk-1.ts';

const root = new URL('../../', import.meta.url);

/** What `npm start` runs, read from where npm reads it. */
function startCommand(): string[] {
  const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  const [node, ...parameters] = scripts.start.split(' ');
  if (node !== 'node') throw new Error(`not a program of Node: ${scripts.start}`);
  return parameters;
}

/** The long-term releases that the project supports: the one that runs everything else here, and the next. */
it.each([
  { runtime: 'node_modules/node', version: 'v24', tools: [createSdk1Tool, client2Tool('auto')] },
  { runtime: 'test/node26/node_modules/node', version: 'v26', tools: [createSdk1Tool] },
])(
  'npm start on $version tells a URL, and the URL is all that an AI tool needs',
  async ({ runtime, version, tools }) => {
    await using folder = await temporaryFolder();
    const node = fileURLToPath(new URL(`${runtime}/bin/node`, root));
    expect(execFileSync(node, ['--version'], { encoding: 'utf8' })).toMatch(version);
    const child = spawn(node, startCommand(), {
      cwd: root,
      env: { ...childEnvironment, PORT: '0', DATABASE: `${folder.path}/auth.db` },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    using _ended = { [Symbol.dispose]: () => child.kill('SIGKILL') };
    const ended = once(child, 'exit');
    // oidc-provider 9.13 knows no release that does not call itself LTS, as that of npm's `node` 26 does not.
    createInterface(child.stderr).on('line', (line) => {
      if (!/Unsupported runtime/.test(line)) process.stderr.write(`${line}\n`);
    });

    const url = await readUrl(createInterface(child.stdout));
    for (const create of tools) {
      await using installed = install({ create }, { issuer: url.href, origin: url.origin });
      expect(await installed.tool.call('whoami')).toMatchObject({ organization: { slug: 'acme', role: 'owner' } });
    }

    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  },
);

async function readUrl(lines: AsyncIterable<string>): Promise<URL> {
  const said: string[] = [];
  for await (const line of lines) {
    const url = /Give your AI tool this URL:\s+(\S+)/.exec(line)?.[1];
    if (url) return new URL(url);
    said.push(line);
  }
  throw new Error(`it never told a URL:\n${said.join('\n')}`);
}
