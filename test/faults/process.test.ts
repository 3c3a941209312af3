import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { startProcess, temporaryFolder } from '../support/process.ts';
import { freePort } from '../support/redis.ts';

const signingKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });

/** Each has a process of its own, and waits more than it works: they run beside each other. */
describe('a process', () => {
  it.concurrent('serves on while it says that it is about to stop, and closes connections (R118)', async () => {
    await using folder = await temporaryFolder();
    const server = startProcess(folder.path, { PORT: '0', SHUTDOWN_DELAY: '5' });
    const { port } = await server.logged('start');
    const origin = `http://127.0.0.1:${port}`;
    const ready = await fetch(`${origin}/readyz`);
    // Longer than the minute of balancers.
    expect([ready.status, ready.headers.get('keep-alive')]).toEqual([200, 'timeout=65']);

    server.signal('SIGTERM');
    await server.logged('stop.announced');

    expect((await fetch(`${origin}/readyz`)).status).toBe(503);
    const served = await fetch(`${origin}/.well-known/oauth-authorization-server/mcp`);
    expect([served.status, served.headers.get('connection')]).toEqual([200, 'close']);
    expect(await server.exit).toBe(0);
  });

  it.concurrent('serves metrics on METRICS_PORT, and nowhere else, and keeps connections for KEEP_ALIVE_TIMEOUT (R118)', async () => {
    await using folder = await temporaryFolder();
    const metricsPort = await freePort();
    const settings = { PORT: '0', METRICS_PORT: String(metricsPort), KEEP_ALIVE_TIMEOUT: '620' };
    const server = startProcess(folder.path, settings);
    const { port } = await server.logged('start');
    const statusOf = async (at: unknown, path: string) => (await fetch(`http://127.0.0.1:${at}${path}`)).status;

    for (const path of ['/metrics', '/healthz', '/readyz']) expect(await statusOf(metricsPort, path)).toBe(200);
    expect(await statusOf(metricsPort, '/mcp/oauth/jwks')).toBe(404);
    expect(await statusOf(port, '/metrics')).toBe(404);
    const { headers } = await fetch(`http://127.0.0.1:${port}/healthz`);
    expect(headers.get('keep-alive')).toBe('timeout=620');
    server.signal('SIGTERM');
    expect(await server.exit).toBe(0);
  });

  it.concurrent.each(['PORT', 'METRICS_PORT'])('says in one sentence that %s is in use', async (variable) => {
    await using folder = await temporaryFolder();
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const server = startProcess(folder.path, { PORT: '0', [variable]: String(port) });
    expect(await server.exit).toBe(1);
    expect(server.output.stderr).toMatch(new RegExp(`^[^\\n]*another program listens on [^\\n]*${port}\\n$`));
    expect(server.output.stderr).not.toContain('    at ');
    taken.close();
  });

  it.concurrent.each<[string, (file: string) => Promise<void>, boolean]>([
    ['gone', rm, false],
    ['empty, as a full disk leaves it', (file) => writeFile(file, ''), false],
    ['gone, where the keys are files', rm, true],
  ])('calls a STORE_SECRET lost that is %s, and makes no new one beside the records', async (_how, lose, hasKeys) => {
    await using folder = await temporaryFolder();
    const keys = {
      SIGNING_KEYS_FILE: join(folder.path, 'keys.json'),
      COOKIE_KEYS: 'a cookie key of thirty-two characters',
    };
    await writeFile(keys.SIGNING_KEYS_FILE, JSON.stringify({ keys: [{ ...signingKey, alg: 'ES256' }] }));
    const settings = { PORT: '0', ...(hasKeys && { ...keys, DEMO: '0' }) };
    const first = startProcess(folder.path, settings);
    await first.logged('start');
    first.signal('SIGTERM');
    await first.exit;
    const file = join(folder.path, 'data', 'store-secret');
    await lose(file);
    const left = await readFile(file, 'utf8').catch(() => 'none');

    const again = startProcess(folder.path, settings);

    expect(await again.exit).toBe(1);
    expect(again.output.stderr).toMatch(/^STORE_SECRET is lost: data\/store-secret is gone or empty, [^\n]+\n$/);
    expect(await readFile(file, 'utf8').catch(() => 'none')).toBe(left);
  });

  it.concurrent('cuts silent sockets, half heads and half bodies before idle connections (R118)', async () => {
    await using folder = await temporaryFolder();
    const metricsPort = await freePort();
    // Node's own limit is a minute: then this one would be over first.
    const settings = { PORT: '0', METRICS_PORT: String(metricsPort), KEEP_ALIVE_TIMEOUT: '40' };
    const server = startProcess(folder.path, settings);
    const { port } = await server.logged('start');
    const open = (sent: string, at = Number(port)) => {
      const socket = connect(at, '127.0.0.1');
      socket.on('error', () => undefined).resume();
      socket.write(sent);
      return once(socket, 'close');
    };
    const head =
      'POST /mcp/oauth/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n';
    const kept = connect(Number(port), '127.0.0.1');
    let isKept = true;
    kept.on('close', () => {
      isKept = false;
    });
    kept.resume().write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');

    await Promise.all([
      open(''),
      open(head),
      open(`${head}Content-Length: 100\r\n\r\ngrant_type=`),
      open('GET /metrics', metricsPort),
    ]);
    expect(isKept).toBe(true);
    kept.destroy();
    server.signal('SIGTERM');
    expect(await server.exit).toBe(0);
  });
});
