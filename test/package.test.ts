import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const run = promisify(execFile);

/** What `npm publish` would publish, in an empty project: the only test that goes to the registry. */
describe('the package', () => {
  let project: string;

  beforeAll(async () => {
    project = mkdtempSync(join(tmpdir(), 'mcp-auth-package-'));
    writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'empty', private: true, type: 'module' }));
    await run('npm', ['pack', '--silent', '--pack-destination', project]);
    const tarball = readdirSync(project).find((name) => name.endsWith('.tgz')) ?? '';
    await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', `./${tarball}`], { cwd: project });
  }, 180_000);
  afterAll(() => rmSync(project, { recursive: true, force: true }));

  const evaluate = async (program: string) => {
    const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', program];
    return (await run(process.execPath, flags, { cwd: project, env: { PATH: process.env.PATH } })).stdout.trim();
  };

  it('opens the library door, and the server behind it finds its views, its stylesheet and its scripts', async () => {
    const answer = await evaluate(`
      import { createServer } from 'node:http';
      import { createAuthorizationServer, loadConfig } from 'bkend-mcp-auth';
      const config = loadConfig({
        DATABASE: ':memory:', LOG_LEVEL: 'silent', ISSUER: 'http://localhost:4999/mcp',
        CONFIG_FILE: 'node_modules/bkend-mcp-auth/config/auth.json',
      });
      const server = await createAuthorizationServer(config);
      const http = createServer(server.callback()).listen(0, async () => {
        const origin = 'http://127.0.0.1:' + http.address().port;
        const metadata = await (await fetch(origin + '/.well-known/oauth-authorization-server/mcp')).json();
        const page = await (await fetch(origin + '/nothing', { headers: { Accept: 'text/html' } })).text();
        const style = await fetch(origin + /href="(\\/assets[^"]+)"/.exec(page)[1]);
        console.log(JSON.stringify([metadata.issuer, style.status, page.includes('There is nothing here')]));
        process.exit(0);
      });
    `);
    expect(JSON.parse(answer)).toEqual(['http://localhost:4999/mcp', 200, true]);
  });

  it('holds the scripts of the Redis store', async () => {
    const scripts = readdirSync(join(project, 'node_modules/bkend-mcp-auth/dist/src/storage/redis/scripts'));
    expect(scripts.filter((name) => name.endsWith('.lua'))).toEqual(
      readdirSync('src/storage/redis/scripts').filter((name) => name.endsWith('.lua')),
    );
  });

  it('opens the door of the gateway kit, which needs neither Koa nor Redis', async () => {
    const answer = await evaluate(`
      import { hasScope, protectResource } from 'bkend-mcp-auth/gateway';
      console.log(typeof protectResource, hasScope(['project:*'], 'project:read'));
    `);
    expect(answer).toBe('function true');
  });

  it('declares its types', async () => {
    writeFileSync(
      join(project, 'use.ts'),
      `
      import { createAuthorizationServer, loadConfig, type AuthorizationServer } from 'bkend-mcp-auth';
      import { protectResource, type Identity } from 'bkend-mcp-auth/gateway';
      export const server: Promise<AuthorizationServer> = createAuthorizationServer(loadConfig({}));
      export const protection = protectResource({ issuer: 'https://a.example', resource: 'https://b.example', scopes: [] });
      export type Who = Identity['accountId'];
    `,
    );
    const flags = [
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--module',
      'nodenext',
      '--target',
      'es2024',
      '--types',
      'node',
    ];
    const types = ['--typeRoots', join(process.cwd(), 'node_modules/@types')];
    const result = await run('node_modules/.bin/tsc', [...flags, ...types, join(project, 'use.ts')]).catch(
      (error) => error,
    );
    expect(result.stdout).toBe('');
  });
});
