import { once } from 'node:events';
import { connect as dial, type Socket } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { connect } from '../support/connect.ts';
import { eventually, untilReady } from '../support/eventually.ts';
import { basic, gateway, policyWithGateway } from '../support/gateway-policy.ts';
import { startProcess, temporaryFolder } from '../support/process.ts';
import { freePort, startRedis } from '../support/redis.ts';
import { openStream } from '../support/revocation-stream.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

describe('the feed of revocations, with several nodes,', () => {
  it('tells at one node what was revoked at another, and takes the cursor of either', async () => {
    await using redis = await startRedis();
    using policy = policyWithGateway();
    const env = { ...policy.env, REDIS_URL: redis.url };
    await using one = await startServer({ env });
    await using other = await startServer({ env, issuer: one.issuer });
    const { client, refreshToken, claims } = await connect(one);
    const path = new URL(one.issuer).pathname;
    await using stream = await openStream(other.origin + path);
    expect(await stream.untilCurrent()).toEqual([]);

    await client.post('revoke', { token: refreshToken });

    const { cursor, entry } = await stream.next();
    expect(entry).toMatchObject({ kind: 'connection', id: claims.grant_id });
    await using resumed = await openStream(one.issuer, cursor);
    expect(await resumed.untilCurrent()).toEqual([]);
  });

  it('ends its streams when Redis goes away, answers 503, and has everything when it is back', async () => {
    const port = await freePort();
    await using folder = await temporaryFolder();
    const launch = () =>
      startRedis({ port, directory: folder.path, configuration: 'appendonly yes\nappendfsync always\n' });
    const redis = await launch();
    using policy = policyWithGateway();
    await using server = await startServer({ env: { ...policy.env, REDIS_URL: redis.url } });
    const { client, refreshToken, claims } = await connect(server);
    await client.post('revoke', { token: refreshToken });
    const stream = await openStream(server.issuer);
    await stream.untilCurrent();
    await redis.kill();

    const refused = await openStream(server.issuer);
    expect(refused.response.status).toBe(503);
    await stream.ended();

    await using _again = await launch();
    await untilReady(server);
    await using back = await openStream(server.issuer);
    expect((await back.untilCurrent()).map(({ entry }) => entry.id)).toEqual([claims.grant_id]);
  });

  it('does not keep a process that is told to end, which exits 0', async () => {
    await using folder = await temporaryFolder();
    using policy = policyWithGateway();
    const port = String(await freePort());
    const issuer = `http://localhost:${port}/mcp`;
    const server = startProcess(folder.path, { PORT: port, ...policy.env });
    await server.logged('start');
    const stream = await openStream(issuer);
    await stream.untilCurrent();

    server.signal('SIGTERM');

    expect(await server.exit).toBe(0);
    await stream.ended();
  });
});

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
