import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { startProcess, temporaryFolder } from '../support/process.ts';
import { freePort } from '../support/redis.ts';

/** Nobody listens there: the process looks for its Redis for a moment, and that moment is its start. */
const redisAway = async () => ({ REDIS_URL: `redis://127.0.0.1:${await freePort()}` });

describe('a request that comes while the process starts', () => {
  it('is answered as soon as there is somebody to answer', async () => {
    await using folder = await temporaryFolder();
    const port = await freePort();
    const server = startProcess(folder.path, { PORT: String(port) });

    const answer = await ask(await firstConnection(port));

    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    server.signal('SIGTERM');
    expect(await server.exit).toBe(0);
  });

  it('is told to come back when the start fails', async () => {
    await using folder = await temporaryFolder();
    const port = await freePort();
    const server = startProcess(folder.path, { PORT: String(port), ...(await redisAway()) });

    const answer = await ask(await firstConnection(port));

    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    expect(answer).toMatch(/^retry-after: \d+\r$/im);
    expect(answer).toContain('"error":"temporarily_unavailable"');
    expect(await server.exit).toBe(1);
  });

  it('is told to come back when the process is asked to stop before it has started', async () => {
    await using folder = await temporaryFolder();
    const port = await freePort();
    const server = startProcess(folder.path, { PORT: String(port), ...(await redisAway()) });
    const socket = await firstConnection(port);
    const said: string[] = [];
    socket.setEncoding('utf8').on('data', (part: string) => said.push(part));
    // The kernel takes a connection before the process does: its first answer says that it has the request.
    socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n');
    await eventually(() => said.join('').includes('100 Continue'));

    server.signal('SIGTERM');
    await once(socket, 'close');

    expect(said.join('')).toContain('HTTP/1.1 503 ');
    expect(await server.exit).toBe(0);
  });
});

/** The first connection that the process accepts: it listens before it can answer. */
async function firstConnection(port: number): Promise<Socket> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const accepted = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    if (accepted) return socket;
  }
}

function ask(socket: Socket): Promise<string> {
  socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  return text(socket);
}
