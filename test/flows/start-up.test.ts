import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { serve } from '../../src/process/listen.ts';
import { startProcess, temporaryFolder } from '../support/process.ts';
import { freePort } from '../support/redis.ts';

/** A connection to the process, as soon as it accepts one; none when it ends without. */
async function firstConnection(port: number, exit: Promise<unknown>) {
  let isOver = false;
  void exit.then(() => {
    isOver = true;
  });
  while (!isOver) {
    const socket = connect(port, '127.0.0.1');
    const accepted = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    if (accepted) return socket;
  }
  return undefined;
}

describe('a process that starts', () => {
  it('answers the first connection that it accepts', async () => {
    await using folder = await temporaryFolder();
    const port = await freePort();
    const server = startProcess(folder.path, { PORT: String(port) });

    const socket = await firstConnection(port, server.exit);
    socket?.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');

    expect(socket && (await text(socket))).toMatch(/^HTTP\/1\.1 200 /);
    server.signal('SIGTERM');
    expect(await server.exit).toBe(0);
  });

  it('accepts none when its start fails', async () => {
    await using folder = await temporaryFolder();
    const port = await freePort();
    const REDIS_URL = `redis://127.0.0.1:${await freePort()}`;
    const server = startProcess(folder.path, { PORT: String(port), REDIS_URL });

    expect(await firstConnection(port, server.exit)).toBeUndefined();
    expect(await server.exit).toBe(1);
  });

  it.each(['a port of its own', 'any port'])(
    'on %s ends in peace when it is asked to before it can answer',
    async (on) => {
      await using folder = await temporaryFolder();
      // A Redis that accepts and says nothing: while it is waited for, the process is starting.
      const redis = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
      await once(redis, 'listening');
      const asked = once(redis, 'connection');
      const REDIS_URL = `redis://127.0.0.1:${(redis.address() as AddressInfo).port}`;
      const PORT = on === 'any port' ? '0' : String(await freePort());
      const server = startProcess(folder.path, { PORT, REDIS_URL });
      await asked;

      server.signal('SIGTERM');

      expect(await server.exit).toBe(0);
      expect(server.output).toEqual({ stdout: '', stderr: '' });
      redis.close();
    },
  );

  it('on any port, which it must know first, answers what came while it started', async () => {
    const http = createHttpServer();
    let early: Promise<Response> | undefined;
    const ready: number[] = [];

    await serve(http, { host: '127.0.0.1', port: 0 }, async (port) => {
      const arrived = once(http, 'request');
      early = fetch(`http://127.0.0.1:${port}`);
      await arrived;
      return { callback: (_request, response) => response.end('here'), ready: (found) => ready.push(found) };
    });

    expect(await (await early)?.text()).toBe('here');
    expect(ready).toEqual([(http.address() as AddressInfo).port]);
    http.closeAllConnections();
    http.close();
  });
});
