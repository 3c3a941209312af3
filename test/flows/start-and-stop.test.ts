import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { createDrain } from '../../src/process/drain.ts';
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

  const ports = ['a port of its own', 'any port'];
  it.each(ports)('on %s ends in peace when it is asked to before it can answer', async (on) => {
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
  });

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

const halfHead = 'POST /slow HTTP/1.1\r\nHost: localhost\r\n';
const wholeHead = `${halfHead}Content-Length: 2\r\n\r\n`;

describe('a process that is asked to stop', () => {
  it('waits for no connection on which nobody ever asked anything', async () => {
    await using folder = await temporaryFolder();
    const server = startProcess(folder.path, { PORT: '0' });
    const { port } = await server.logged('start');
    const silent = connect(Number(port), '127.0.0.1');
    await once(silent, 'connect');
    const ended = once(silent, 'close');
    // Connections are accepted in their order: when this one is answered, the silent one is there, too.
    await fetch(`http://127.0.0.1:${port}/healthz`);

    server.signal('SIGTERM');

    await ended;
    expect(await server.exit).toBe(0);
    expect(server.output.stdout).not.toContain('"event":"stop.cut"');
  });
});

describe('draining', () => {
  it.each([
    ['half a head', halfHead, 'Content-Length: 2\r\n\r\n{}'],
    ['half a body', `${wholeHead}{`, '}'],
  ])('answers what had arrived as %s when it finishes in time', async (_name, half, rest) => {
    await using server = await startListening(async (request, response) => response.end(await text(request)));
    const socket = await server.open(half);
    const answer = text(socket);

    const drained = server.drain(60_000);
    socket.write(rest);

    expect(await answer).toMatch(/^HTTP\/1\.1 200 OK\r\n(?:.+\r\n)*\r\n\{\}$/);
    expect(await drained).toBe(0);
  });

  it.each([
    ['half a head', halfHead],
    ['half a body', `${wholeHead}{`],
    ['an answer that never ends', `${wholeHead}{}`],
  ])('cuts %s when its time is over', async (_name, sent) => {
    await using server = await startListening(() => undefined);
    const socket = await server.open(sent);
    const ended = once(socket, 'close');

    expect(await server.drain(1)).toBe(1);
    await ended;
  });
});

/** A server that says when something of a connection's bytes has arrived. */
async function startListening(answer: RequestListener) {
  const http = createHttpServer(answer);
  const drain = createDrain(http);
  await once(http.listen(0, '127.0.0.1'), 'listening');
  return {
    drain,
    async open(bytes: string) {
      const accepted = once(http, 'connection');
      const socket = connect((http.address() as AddressInfo).port, '127.0.0.1');
      // An end that cuts is the point here, not a failure.
      socket.on('error', () => undefined).write(bytes);
      const [there] = await accepted;
      while (there.bytesRead < bytes.length) await new Promise(setImmediate);
      return socket;
    },
    [Symbol.asyncDispose]: async () => {
      http.closeAllConnections();
    },
  };
}
