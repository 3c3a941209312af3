import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from '../support/connect.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { monitorRedis, type RedisMonitor } from '../support/redis-monitor.ts';
import { relyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';

describe('a refresh', () => {
  let redis: RedisServer;
  let server: TestServer;
  let monitor: RedisMonitor;
  beforeAll(async () => {
    redis = await startRedis();
    server = await startServer({ env: { REDIS_URL: redis.url } });
    await fetch(`${server.origin}/readyz`); // It looks at its store when it starts, and not again for a while.
    monitor = await monitorRedis(redis.url);
  });
  afterAll(async () => {
    monitor.close();
    await server.close();
    await redis.stop();
  });

  const commandsOf = async (act: () => Promise<unknown>) =>
    (await monitor.commandsOf(act)).map((command) =>
      command
        .replaceAll(/bkend:([\w-]+):\S+/g, '$1')
        .split(' ')
        .filter((word) => /^[a-z-]{3,}$/.test(word)),
    );

  it('sends Redis two commands: what was presented and for whom, and the step of the line', async () => {
    const { client, refreshToken } = await connect(server);
    const first = await client.refresh(refreshToken); // Tells Redis the script.
    expect(await commandsOf(() => client.refresh(first.body.refresh_token ?? ''))).toEqual([
      ['mget', 'client', 'refresh-line', 'connection', 'account', 'organization'],
      ['evalsha', 'refresh-line', 'connection'],
    ]);
  });

  it('sends one more to a server that has not seen the connection before', async () => {
    const { client, refreshToken } = await connect(server);
    await using other = await startServer({ env: { REDIS_URL: redis.url }, issuer: server.issuer });
    await fetch(`${other.origin}/readyz`); // It looks at its store when it starts.
    const there = relyingParty(`${other.origin}/mcp`, client.registration);
    const [first, ...others] = await commandsOf(() => there.refresh(refreshToken, { resource: server.issuer }));
    expect(first).toEqual(['mget', 'client', 'refresh-line', 'connection']);
    expect(others[0]).toEqual(['mget', 'account', 'organization']);
  });

  it('with a token that nobody made sends one, another to tell the log why, and none that writes', async () => {
    const { client, refreshToken } = await connect(server);
    const forged = refreshToken.slice(0, -43) + 'A'.repeat(43);
    expect(await commandsOf(() => client.refresh(forged))).toEqual([
      ['mget', 'client', 'refresh-line', 'connection', 'account', 'organization'],
      ['mget', 'refresh-line', 'connection'],
    ]);
  });
});
