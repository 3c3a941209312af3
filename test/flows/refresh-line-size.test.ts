import { describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { connect } from '../support/connect.ts';
import { startRedis } from '../support/redis.ts';
import { monitorRedis } from '../support/redis-monitor.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const renewals = 2000;

describe('a connection that is renewed again and again, in Redis', () => {
  const redis = shared(startRedis);
  const client = shared(
    () => new Redis(redis.url),
    (it) => it.disconnect(),
  );
  const server = shared(() =>
    startServer({
      env: { REDIS_URL: redis.url, LOG_LEVEL: 'silent' },
      policy: { limits: { renewalsPerHour: renewals * 2 } },
    }),
  );
  const monitor = shared(() => monitorRedis(redis.url));
  const before = shared(async () => new Set(await client.keys('*')));

  /** Every key that is there because of this connection: its client's, its person's and its browser's as well; but what is gone within a day, and counters of the server. */
  async function measure() {
    const known = (await client.keys('*')).filter((key) => !before.has(key) && !key.endsWith('-count')).sort();
    const lifetimes = await Promise.all(known.map((key) => client.ttl(key)));
    const keys = known.filter((_key, index) => Number(lifetimes[index]) > 86_400 || lifetimes[index] === -1);
    const sizes = await Promise.all(keys.map((key) => client.memory('USAGE', key)));
    const kinds = keys.map((key) => key.split(':')[1]);
    return { kinds, bytes: sizes.reduce<number>((sum, size) => sum + Number(size), 0) };
  }
  async function renew(tool: RelyingParty, token: string, times: number) {
    let newest = token;
    for (let time = 0; time < times; time += 1) newest = (await tool.refresh(newest)).body.refresh_token ?? '';
    return newest;
  }

  it(`takes as much room, as many keys and as many commands after ${renewals} renewals as after forty, and at most 6 kB`, async () => {
    const connected = await connect(server);
    let token = await renew(connected.client, connected.refreshToken, 40);
    const early = { ...(await measure()), commands: await monitor.commandsOf(() => connected.client.refresh(token)) };
    token = await renew(connected.client, token, renewals);
    const late = { ...(await measure()), commands: await monitor.commandsOf(() => connected.client.refresh(token)) };

    expect(late.kinds).toEqual(early.kinds);
    expect(late.kinds).toEqual(expect.arrayContaining(['connection', 'refresh-line', 'client']));
    expect(late.bytes).toBeLessThanOrEqual(early.bytes + 64);
    expect(late.bytes).toBeLessThanOrEqual(6 * 1024);
    expect(late.commands).toHaveLength(early.commands.length);
    expect(late.commands).toHaveLength(2);
  });
});
