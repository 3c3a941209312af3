import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it, jest } from '@jest/globals';
import { closeConnections, send } from '../../bench/http-client.ts';

afterEach(() => {
  closeConnections();
  jest.restoreAllMocks();
});

it('a connection is kept from one request to the next, and not used again when a server may be about to close it', async () => {
  let connections = 0;
  const server = createServer((_request, response) => response.end('{}')).on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const ask = async () => {
    await send(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return connections;
  };
  expect([await ask(), await ask()]).toEqual([1, 1]);
  const now = performance.now();
  jest.spyOn(performance, 'now').mockImplementation(() => now + 2000);
  expect([await ask(), await ask()]).toEqual([2, 2]);
  closeConnections();
  await new Promise((resolve) => server.close(resolve));
});
