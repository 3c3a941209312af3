import type { Socket } from 'node:net';
import { afterEach, expect, it, jest } from '@jest/globals';
import { closeConnections, send } from '../../bench/http-client.ts';
import { listening } from '../support/listening.ts';

afterEach(() => {
  closeConnections();
  jest.restoreAllMocks();
});

it('a connection is kept from one request to the next, and not used again when a server may be about to close it', async () => {
  const connections = new Set<Socket>();
  await using server = await listening((request, response) => {
    connections.add(request.socket);
    response.end('{}');
  });
  const ask = async () => {
    await send(server.origin);
    return connections.size;
  };
  expect([await ask(), await ask()]).toEqual([1, 1]);
  const now = performance.now();
  jest.spyOn(performance, 'now').mockImplementation(() => now + 2000);
  expect([await ask(), await ask()]).toEqual([2, 2]);
});
