import { once } from 'node:events';
import { connect as dial, type Socket } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { basic, gateway, policyWithGateway } from '../support/gateway-policy.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const server = shared(async () => {
  using policy = policyWithGateway();
  return await startServer({ env: policy.env });
});
afterEach(() => {
  jest.restoreAllMocks();
});

/** A gateway on a bare connection, which has begun to read. */
async function follow(): Promise<Socket> {
  const { host, hostname, port, pathname } = new URL(`${server.issuer}/oauth/revocations`);
  const line = dial(Number(port), hostname);
  line.on('error', () => undefined);
  line.write(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${basic(gateway).Authorization}\r\n\r\n`);
  let answer = '';
  while (!answer.includes('event: current')) answer += String((await once(line, 'data'))[0]);
  return line;
}

describe('a gateway whose line to the feed', () => {
  it.each([
    ['is reset', (line: Socket) => line.resetAndDestroy()],
    ['ends', (line: Socket) => line.destroy()],
  ])('%s is nothing to report: it comes back', async (_how, cut) => {
    const printed = jest.spyOn(console, 'error').mockReturnValue();
    const before = server.logLines.length;
    const openStreams = jest.spyOn(AbortController.prototype, 'abort');

    cut(await follow());
    await eventually(() => openStreams.mock.calls.length > 0);
    // Whoever hears of it later than the stream does.
    await new Promise((resolve) => setImmediate(resolve));

    expect(printed.mock.calls).toEqual([]);
    expect(server.logLines.slice(before)).toEqual([]);
  });
});
