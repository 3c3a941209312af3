import { describe, expect, it } from '@jest/globals';
import { connect } from '../support/connect.ts';
import { untilReady } from '../support/eventually.ts';
import { policyWithGateway } from '../support/gateway-policy.ts';
import { startProcess, temporaryFolder } from '../support/process.ts';
import { freePort, startRedis } from '../support/redis.ts';
import { openStream } from '../support/revocation-stream.ts';
import { startServer } from '../support/server.ts';

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

  it('does not keep a process that is told to end, which exits 0 at once', async () => {
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
