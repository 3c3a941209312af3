import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { untilListening } from './support/eventually.ts';
import { type InstalledPackage, installPackage } from './support/installed-package.ts';
import { freePort } from './support/redis.ts';

const run = promisify(execFile);

describe('the package', () => {
  let installed: InstalledPackage;
  beforeAll(async () => {
    installed = await installPackage();
  }, 180_000);
  afterAll(() => installed.remove());

  const inProject = () => ({ cwd: installed.project, env: installed.env });
  const path = (name: string) => join(installed.project, name);
  const evaluate = async (program: string) => {
    const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', program];
    return (await run(process.execPath, flags, inProject())).stdout.trim();
  };
  /** Runs it until it is told to stop; with the lines that it says. */
  function start(command: string, words: string[], env: Record<string, string>) {
    const options = { cwd: installed.project, env: { ...installed.env, ...env } };
    const child = spawn(command, words, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const complaints: string[] = [];
    child.stderr.setEncoding('utf8').on('data', (text) => complaints.push(text));
    const exit = once(child, 'exit');
    return {
      lines: createInterface(child.stdout),
      [Symbol.dispose]: () => child.kill('SIGKILL'),
      async stop() {
        child.kill('SIGTERM');
        return { exit: await exit, complaints: complaints.join('') };
      },
    };
  }

  it('has a public entry point, and the server behind it finds its policy, its views and its stylesheet', async () => {
    const answer = await evaluate(`
      import { createServer } from 'node:http';
      import { createAuthorizationServer, loadConfig } from 'bkend-mcp-auth';
      const config = loadConfig({ DATABASE: ':memory:', LOG_LEVEL: 'silent', ISSUER: 'http://localhost:4999/mcp' });
      const server = await createAuthorizationServer(config);
      const http = createServer(server.callback()).listen(0, async () => {
        const origin = 'http://127.0.0.1:' + http.address().port;
        const metadata = await (await fetch(origin + '/.well-known/oauth-authorization-server/mcp')).json();
        const page = await (await fetch(origin + '/nothing', { headers: { Accept: 'text/html' } })).text();
        const style = await fetch(origin + /href="([^"]*\\/assets[^"]+)"/.exec(page)[1]);
        console.log(JSON.stringify([metadata.issuer, style.status, page.includes('There is nothing here')]));
        process.exit(0);
      });
    `);
    expect(JSON.parse(answer)).toEqual(['http://localhost:4999/mcp', 200, true]);
  });

  it('brings along every page that its README points to', () => {
    const folder = path('node_modules/bkend-mcp-auth');
    const links = readFileSync(join(folder, 'README.md'), 'utf8').matchAll(/\]\((?![a-z]+:|#)([^)#]+)|src="([^":]+)"/g);
    const files = [...links].map(([, link, source]) => link ?? source ?? '');

    expect(files).toContain('gateway/README.md');
    expect(files.filter((file) => !existsSync(join(folder, file)))).toEqual([]);
  });

  it('runs the service of the README as it stands, without any setting but its port', async () => {
    const program = /```ts\n(\/\/ service\.ts\n[\s\S]*?)```/.exec(readFileSync('README.md', 'utf8'))?.[1] ?? '';
    writeFileSync(path('service.ts'), program);
    const port = await freePort();
    using service = start(process.execPath, ['service.ts'], { PORT: String(port) });
    const issuer = await untilAnswered(`http://127.0.0.1:${port}/.well-known/oauth-authorization-server/mcp`);
    await service.stop();
    expect(issuer).toMatchObject({ issuer: `http://localhost:${port}/mcp` });
  });

  it('starts by its name, says where tools belong, and stops when it is told to', async () => {
    using server = start(path('node_modules/.bin/bkend-mcp-auth'), [], { PORT: '0' });
    const said: string[] = [];
    for await (const line of server.lines) if (said.push(line) && line.includes('new@example.com')) break;

    const [, url = ''] = /See who is connected at {2}(\S+)/.exec(said.join('\n')) ?? [];
    expect((await fetch(url)).status).toBe(200);
    expect(said.join('\n')).not.toContain('Give your AI tool');
    expect(await server.stop()).toEqual({ exit: [0, null], complaints: '' });
  });

  it('makes accounts by their command', async () => {
    const accounts = path('node_modules/.bin/bkend-mcp-auth-accounts');
    const { stdout, stderr } = await run(accounts, ['organization', 'engines', 'Engines'], inProject());
    expect([stdout, stderr]).toEqual([expect.stringMatching(/^organization engines created/), '']);
  });

  it('holds the scripts of the Redis store', async () => {
    const scripts = readdirSync(path('node_modules/bkend-mcp-auth/dist/src/storage/redis/scripts'));
    expect(scripts.filter((name) => name.endsWith('.lua'))).toEqual(
      readdirSync('src/storage/redis/scripts').filter((name) => name.endsWith('.lua')),
    );
  });

  it('has the gateway kit behind a path of its own, and it is the same kit', async () => {
    const answer = await evaluate(`
      import { GatewayError, hasScope, protectResource } from 'bkend-mcp-auth/gateway';
      import { GatewayError as SameError } from '@bkend/mcp-gateway';
      console.log(typeof protectResource, hasScope(['project:*'], 'project:read'), GatewayError === SameError);
    `);
    expect(answer).toBe('function true true');
  });

  it('declares its types, and brings those they are made of', async () => {
    writeFileSync(
      path('use.ts'),
      `
      import { createAuthorizationServer, loadConfig, type AuthorizationServer } from 'bkend-mcp-auth';
      import { protectResource, type Identity } from 'bkend-mcp-auth/gateway';
      export const server: Promise<AuthorizationServer> = createAuthorizationServer(loadConfig({}));
      export const protection = protectResource({ issuer: 'https://a.example', resource: 'https://b.example', scopes: [] });
      export type Who = Identity['accountId'];
    `,
    );
    const flags = '--ignoreConfig --noEmit --strict --module nodenext --target es2024 --types node'.split(' ');
    const result = await run(resolve('node_modules/.bin/tsc'), [...flags, 'use.ts'], inProject()).catch(
      (error) => error,
    );
    expect(result.stdout).toBe('');
  });
});

async function untilAnswered(url: string): Promise<unknown> {
  await untilListening(new URL(url));
  return (await fetch(url)).json();
}
