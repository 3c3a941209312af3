import { request } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { startProcess, temporaryFolder } from '../support/process.ts';
import { startedProcess } from '../support/started-process.ts';

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
