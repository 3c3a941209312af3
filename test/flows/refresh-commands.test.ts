import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { connect } from '../support/connect.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { monitorRedis } from '../support/redis-monitor.ts';
import { startServer } from '../support/server.ts';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

it('a refresh sends Redis two commands: what was presented and for whom, and the rotation', async () => {
  await using server = await startServer({ env: { REDIS_URL: redis.url } });
  const monitor = await monitorRedis(redis.url);
  const { client, refreshToken } = await connect(server);
  const first = await client.refresh(refreshToken); // Tells the server for whom the connection is, and Redis the script.

  const commands = await monitor.commandsOf(() => client.refresh(first.body.refresh_token ?? ''));
  monitor.close();

  expect(commands.map((command) => command.replaceAll(/bkend:([\w-]+):\S+/g, '$1').split(' '))).toEqual([
    ['mget', 'account', 'organization', 'client', 'refresh-token', 'grant', 'connection'],
    expect.arrayContaining(['evalsha', 'refresh-token', 'grant-artefacts', 'grant', 'connection']),
  ]);
});
