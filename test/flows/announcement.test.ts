import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { describeStore } from '../../src/process/describe-store.ts';
import { childEnvironment } from '../support/child-environment.ts';
import { changedPolicy } from '../support/policy.ts';
import { temporaryFolder } from '../support/process.ts';
import { startedProcess } from '../support/started-process.ts';

/** What it says until it has stopped. */
async function saidWith(env: Record<string, string>, prepare?: (folder: string) => void) {
  await using server = await startedProcess(env, prepare);
  await server.stop();
  return { start: server.start, stdout: server.output.stdout };
}

const ofTheExample = { CONFIG_FILE: resolve('examples/mcp-server/auth.json') };

describe('a process that has started says where tools belong', () => {
  it('to the demonstration, where there is one, in the words of the issuer alone (R102)', async () => {
    const { start, stdout } = await saidWith({});
    expect(start.msg).toBe(`listening on 127.0.0.1 port ${start.port} as ${start.issuer}`);
    expect(stdout).not.toContain('http://127.0.0.1');
    expect(stdout).toContain(`Give your AI tool this URL:  ${start.issuer}\n`);
  });

  it('to the MCP servers of its policy, where the demonstration is none of them', async () => {
    const { start, stdout } = await saidWith(ofTheExample);
    expect(stdout).toContain('Give your AI tool the URL of your MCP server:\n    http://localhost:3001/mcp\n');
    expect(stdout).not.toContain(`URL:  ${start.issuer}`);
  });

  it('in its log alone, without demonstration', async () => {
    const { start, stdout } = await saidWith({ ...ofTheExample, DEMO: '0' });
    expect(start.resources).toEqual(['http://localhost:3001/mcp']);
    expect(stdout).not.toContain('Give your AI tool');
  });
});

describe('the line with which a process starts', () => {
  it('says what runs, on which store, under which configuration', async () => {
    const { start } = await saidWith(ofTheExample);
    expect(start).toMatchObject({
      version: JSON.parse(readFileSync('package.json', 'utf8')).version,
      issuer: expect.stringMatching(/^http:\/\/localhost:\d+\/mcp$/),
      store: { kind: 'sqlite', place: 'data/auth.db' },
      configuration: ofTheExample.CONFIG_FILE,
      directory: 'built-in',
      demonstration: true,
    });
  });

  it('is followed by one that names the proxy of metadata documents, without its password (R121)', async () => {
    const { stdout } = await saidWith({ HTTPS_PROXY: 'http://robot:hush@proxy.example:3128' });
    const lines = stdout.split('\n').filter((line) => line.includes('"start.proxy"'));
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ event: 'start.proxy', level: 30, proxy: 'proxy.example:3128' }),
    ]);
    expect(lines.join()).toContain('hosts are judged by their names');
    expect(stdout).not.toMatch(/robot|hush/);
    expect((await saidWith({ HTTPS_PROXY: '' })).stdout).not.toContain('start.proxy');
  });

  it('says where the accounts are: in which console, and at which identity providers', async () => {
    const { start } = await saidWith({ CONFIG_FILE: resolve('examples/console/auth.json') });
    expect(start).toMatchObject({ directory: 'http://localhost:4100/internal/directory' });
    expect(start).not.toHaveProperty('identityProviders');
    const client = { client_id: 'c', client_secret: 's' };
    using policy = changedPolicy({
      identityProviders: [
        { id: 'company', issuer: 'https://login.example.com', client },
        { id: 'github', kind: 'github', client },
      ],
    });
    const { start: other, stdout } = await saidWith(policy.env);
    expect(other).toMatchObject({ directory: 'built-in', identityProviders: ['company', 'github'] });
    // Nobody can sign in with the password of a demonstration account there.
    expect(stdout).not.toContain('demo-password');
  });

  const url = 'rediss://me:hush@redis.example.com:6380/2?password=hush';
  const [one, two] = [{ host: 'one', port: 1 } as const, { host: 'two', port: 2 } as const];
  it.each([
    [{ kind: 'single', url } as const, 'redis', 'rediss://redis.example.com:6380/2'],
    [{ kind: 'cluster', nodes: [one, two] } as const, 'redis cluster', 'one:1,two:2'],
    [{ kind: 'sentinel', sentinels: [one], name: 'mymaster' } as const, 'redis sentinel', 'mymaster at one:1'],
  ])('names a Redis without its secrets: %j', (connection, kind, place) => {
    expect(describeStore({ kind: 'redis', prefix: 'bkend:', connection })).toEqual({ kind, place: `${place} bkend:` });
  });

  it('is followed by every variable that looks misspelt', async () => {
    const { stdout } = await saidWith({ LOGLEVEL: 'debug' });
    const warning = 'LOGLEVEL is not a known variable; did you mean LOG_LEVEL\\?';
    expect(stdout).toMatch(new RegExp(`"level":40.*"event":"start\\.variable".*${warning}`));
  });
});

describe('a file .env in the folder of a process', () => {
  it('is read, and is weaker than the environment', async () => {
    const ofFile = 'ISSUER=http://localhost:4999/of-the-file\nDATABASE=of-the-file.db\n';
    const { start } = await saidWith({ DATABASE: ':memory:' }, (folder) => writeFileSync(join(folder, '.env'), ofFile));
    expect(start).toMatchObject({ issuer: 'http://localhost:4999/of-the-file', store: { place: ':memory:' } });
  });

  it('is read by every command', async () => {
    await using folder = await temporaryFolder();
    writeFileSync(join(folder.path, '.env'), 'ISSUER=told by the file\n');
    const commands = ['main.ts', 'main.ts config check', 'main.ts check-console http://localhost:1'];
    const ofAccounts = ['list', 'organization a A', 'export a@example.com', 'backup copy.db'];
    const complaints = [...commands, ...ofAccounts.map((words) => `cli/main.ts ${words}`)].map(async (words) => {
      const [file = '', ...rest] = words.split(' ');
      const args = ['--disable-warning=ExperimentalWarning', resolve('src', file), ...rest];
      const env = { ...childEnvironment, PORT: '0' };
      const child = spawn(process.execPath, args, { cwd: folder.path, env, stdio: ['ignore', 'ignore', 'pipe'] });
      return [words, await text(child.stderr)];
    });
    for (const [words, complaint] of await Promise.all(complaints))
      expect(`${words}: ${complaint}`).toMatch(/cannot start.+\n {2}ISSUER {2}/);
  });
});
