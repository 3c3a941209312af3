import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { createDrain } from '../../src/process/drain.ts';
import { startProcess, temporaryFolder } from '../support/process.ts';

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
  const http = createServer(answer);
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
