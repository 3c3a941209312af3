import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { closeConnections } from '../../bench/http-client.ts';
import { runLoad } from '../../bench/load.ts';
import type { Ready } from '../../bench/subjects/serve.ts';
import { refresh } from '../../bench/tool.ts';

let server: Server;
let target: Ready;
beforeAll(async () => {
  server = createServer((_request, response) => {
    response.statusCode = 400;
    response.end('{"error":"invalid_grant"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  target = { origin, register: origin, token: origin, resource: origin };
});
afterAll(async () => {
  closeConnections();
  await new Promise((resolve) => server.close(resolve));
});

it('an error response ends the benchmark: a fast error is no result', async () => {
  const client = () => refresh(target, 'a tool', 'a used token');
  await expect(runLoad([client], { seconds: 1, operations: 5 })).rejects.toThrow(
    'answered 400: {"error":"invalid_grant"}',
  );
});
