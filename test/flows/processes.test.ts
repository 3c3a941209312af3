import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { describeStore } from '../../src/process/describe-store.ts';
import { childEnvironment } from '../support/child-environment.ts';
import { changedPolicy } from '../support/policy.ts';
import { startProcess, temporaryFolder } from '../support/process.ts';
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

const settings = {
  ...{ NODE_ENV: 'production', ISSUER: 'https://auth.example.com/mcp', DEMO: '0' },
  COOKIE_KEYS: 'a cookie key that only tests may know',
  STORE_SECRET: 'a store secret that only tests may know',
};

describe('a production process', () => {
  it('refuses every development default, in one message, without a stack trace', async () => {
    await using folder = await temporaryFolder();

    const { exit, output } = startProcess(folder.path, { NODE_ENV: 'production', PORT: '0' });

    expect([await exit, output.stdout]).toEqual([1, '']);
    for (const name of ['ISSUER', 'COOKIE_KEYS', 'STORE_SECRET', 'DEMO']) expect(output.stderr).toContain(name);
    expect(output.stderr).toContain('This server cannot start: 4 settings need attention.');
    expect(output.stderr).not.toMatch(/^\s+at /m);
  });

  it('starts when each of them is set', async () => {
    await using server = await startedProcess(settings);

    expect(server.start.issuer).toBe('https://auth.example.com/mcp');
    expect(await server.logged('start.proxies')).toMatchObject({
      level: 40,
      msg: expect.stringMatching(/TRUSTED_PROXIES is not set: .* shares the limits of one stranger/), // R114
    });
    const metadata = await fetch(`http://127.0.0.1:${server.port}/.well-known/oauth-authorization-server/mcp`);
    expect(await metadata.json()).toMatchObject({ token_endpoint: 'https://auth.example.com/mcp/oauth/token' });
    expect(await server.stop()).toBe(0);
  });

  it('has no account of the demonstration, and no MCP server', async () => {
    await using server = await startedProcess({ ...settings, TRUSTED_PROXIES: '127.0.0.1' });

    expect((await fetch(`http://127.0.0.1:${server.port}/mcp`, { method: 'POST' })).status).toBe(404);
    expect(server.output.stdout).not.toMatch(/demo@example\.com|start\.proxies/);
  });
});

describe('a process', () => {
  it('on port 0 says which port it found, and that is its issuer', async () => {
    await using server = await startedProcess();

    const { issuer } = server.start;
    expect(server.port).toBeGreaterThan(0);
    expect(issuer).toBe(`http://localhost:${server.port}/mcp`);
    const metadata = await fetch(`http://localhost:${server.port}/.well-known/oauth-authorization-server`);
    expect(await metadata.json()).toMatchObject({ issuer });
    await server.stop();
    expect(server.output.stdout).toContain(`Give your AI tool this URL:  ${issuer}`);
  });

  it('finishes what runs when it is asked to stop, accepts nothing new, and exits with 0', async () => {
    await using server = await startedProcess();
    const halfSent = sendHalf(server.port);
    await halfSent.arrived;

    const stopped = server.stop();
    await server.logged('stop');

    await expect(fetch(`http://127.0.0.1:${server.port}/healthz`)).rejects.toThrow('fetch failed');
    expect(await halfSent.finish()).toBe(201);
    expect(await stopped).toBe(0);
  });

  it('whose port is taken says so in one line and exits with 1', async () => {
    await using first = await startedProcess();
    await using folder = await temporaryFolder();

    const second = startProcess(folder.path, { PORT: String(first.port) });

    expect(await second.exit).toBe(1);
    expect(second.output.stderr).toMatch(new RegExp(`^[^\\n]*EADDRINUSE[^\\n]*${first.port}\\n$`));
  });
});

/** A registration of which the server has the head and half of the body. */
function sendHalf(port: number) {
  const [half, rest] = ['{"redirect_uris":', '["http://127.0.0.1/callback"]}'];
  const headers = {
    'Content-Type': 'application/json',
    'Content-Length': half.length + rest.length,
    Expect: '100-continue',
  };
  const sent = request({ port, host: '127.0.0.1', path: '/mcp/oauth/register', method: 'POST', headers, agent: false });
  const arrived = new Promise<void>((resolve) => sent.once('continue', () => resolve()));
  const answered = new Promise<number | undefined>((resolve, reject) => {
    sent.once('error', reject).once('response', (response) => {
      response.resume();
      resolve(response.statusCode);
    });
  });
  sent.flushHeaders();
  return {
    arrived: arrived.then(() => void sent.write(half)),
    finish() {
      sent.end(rest);
      return answered;
    },
  };
}
