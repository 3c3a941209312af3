import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from '@jest/globals';
import { startProcess, temporaryFolder } from '../support/process.ts';

it('silent sockets, half heads and half bodies are cut within 30 s, idle connections are kept (R118)', async () => {
  await using folder = await temporaryFolder();
  const server = startProcess(folder.path, { PORT: '0' });
  const { port } = await server.logged('start');
  const begun = performance.now();
  const open = (sent: string) => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => undefined).resume();
    socket.write(sent);
    return once(socket, 'close').then(() => performance.now() - begun);
  };
  const head =
    'POST /mcp/oauth/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n';
  const kept = connect(Number(port), '127.0.0.1');
  let isKept = true;
  kept.on('close', () => {
    isKept = false;
  });
  kept.resume().write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');

  const times = await Promise.all([open(''), open(head), open(`${head}Content-Length: 100\r\n\r\ngrant_type=`)]);

  for (const ms of times) expect(ms).toBeLessThan(33_000);
  expect(isKept).toBe(true);
  kept.destroy();
  server.signal('SIGTERM');
  expect(await server.exit).toBe(0);
}, 60_000);
