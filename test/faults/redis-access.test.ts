import { describe, expect, it, jest } from '@jest/globals';
import type { Redis } from 'ioredis';
import { createRedisStore, findMissingRights } from '../../src/storage/redis/index.ts';
import { closing, operatorOf } from '../support/closing.ts';
import { connect } from '../support/connect.ts';
import { eventually } from '../support/eventually.ts';
import { startProcess, temporaryFolder } from '../support/process.ts';
import { freePort, startRedis, startRedisCluster } from '../support/redis.ts';
import { createRedisProtection, readmeRights } from '../support/redis-protection.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

describe('a Redis with TLS and users of its own', () => {
  const protection = shared(createRedisProtection, (it) => it[Symbol.dispose]());

  const serves = async (env: Record<string, string>) => {
    await using server = await startServer({ env: { ...env, ...protection.env } });
    await connect(server);
    expect((await fetch(`${server.origin}/readyz`)).status).toBe(200);
    expect(server.logLines.filter(({ level }) => Number(level) >= 40)).toEqual([]);
  };

  it('serves alone, with the rights of the README and no others (R117)', async () => {
    const port = await freePort();
    await using _redis = await startRedis({ configuration: protection.redis(port) });
    await serves({ REDIS_URL: `rediss://localhost:${port}` });
  });

  it('serves as a cluster, of which one node is named', async () => {
    await using cluster = await startRedisCluster(protection);
    await serves({ REDIS_CLUSTER_NODES: `127.0.0.1:${cluster.nodes[0]?.port}` });
  });
});

describe('a Redis that would fail later', () => {
  const production = (url: string) => ({
    NODE_ENV: 'production',
    PORT: '0',
    ISSUER: 'https://auth.example.com/mcp',
    STORE_SECRET: 'a secret that only this test may know',
    COOKIE_KEYS: 'a cookie key that only this test may know',
    DEMO: '0',
    REDIS_URL: url,
  });
  const refusal = async (env: Record<string, string>) => {
    await using folder = await temporaryFolder();
    const server = startProcess(folder.path, env);
    const code = await server.exit;
    return { code, said: server.output.stderr };
  };

  it('is refused with the names of the rights that its user lacks (R117)', async () => {
    const configuration = `user bkend on >pw ${readmeRights()} -xadd -xinfo|stream\n`;
    await using redis = await startRedis({ configuration });
    const { code, said } = await refusal(production(redis.url.replace('//', '//bkend:pw@')));
    expect({ code, said }).toEqual({ code: 1, said: expect.stringMatching(/lacks rights in Redis: XADD/) });
    expect(said).not.toContain('    at ');
  });

  /** The others are the connection's own: of a cluster, or for another database than the first. */
  const noticed = readmeRights()
    .split(' ')
    .filter((right) => /^\+(?!select|quit|cluster|command|readonly)/.test(right))
    .map((right) => right.slice(1));

  it('is tried at a start that waits for no entry: one is there', async () => {
    await using redis = await startRedis();
    await using store = closing(createRedisStore({ connection: { kind: 'single', url: redis.url }, prefix: 'bkend:' }));
    const there: number[] = [];
    const wait = store.waitForEntry.bind(store);
    store.waitForEntry = async (feed, ...after) => {
      there.push((await store.readFeed(feed, undefined, 2)).length);
      await wait(feed, ...after);
    };
    expect(await findMissingRights(store, ['bkend:probe:{x}', 'bkend:probe:{y}'])).toEqual([]);
    expect(there).toEqual([1]);
    using operator = operatorOf(redis);
    expect(await operator.keys('bkend:probe:*')).toEqual([]);
  });

  it('names each of the rights of the README that its user lacks, alone or among those of one script (R117)', async () => {
    await using redis = await startRedis();
    // ioredis prints that it may not ask INFO whether Redis is ready.
    using _quiet = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    using operator = operatorOf(redis);
    const lacking = async (right: string, user: string) => {
      await operator.call('ACL', 'SETUSER', user, 'reset', 'on', '>pw', ...readmeRights().split(' '), `-${right}`);
      const url = redis.url.replace('//', `//${user}:pw@`);
      await using store = closing(createRedisStore({ connection: { kind: 'single', url }, prefix: 'bkend:' }));
      const missing = await findMissingRights(store, [`bkend:probe:{${user}}`]);
      const named = expect.stringMatching(new RegExp(`\\b${right.replace('|', '.')}\\b`, 'i'));
      expect([right, missing.join()]).toEqual([right, named]);
    };
    await Promise.all(noticed.map((right, nth) => lacking(right, `poor-${nth}`)));
  });

  it('is refused in production when it evicts, and warned of in development, with a count of what is lost (R116)', async () => {
    await using redis = await startRedis({ configuration: 'maxmemory 4mb\nmaxmemory-policy allkeys-lru\n' });
    const { code, said } = await refusal(production(redis.url));
    expect({ code, said }).toEqual({ code: 1, said: expect.stringContaining('maxmemory-policy allkeys-lru') });

    await using server = await startServer({ env: { REDIS_URL: redis.url } });
    await fetch(`${server.origin}/readyz`);
    const lines = (event: string) => server.logLines.filter((line) => line.event === event);
    expect(lines('store.evicts')).toEqual([expect.objectContaining({ level: 40, policy: 'allkeys-lru' })]);
    using filler = operatorOf(redis);
    for (let n = 0; n < 400; n += 1) await filler.set(`filler-${n}`, 'x'.repeat(20_000));
    await eventually(async () => {
      await fetch(`${server.origin}/readyz`);
      return lines('store.evicted').length > 0;
    });
    expect(lines('store.evicted')).toEqual([expect.objectContaining({ level: 40, keys: expect.any(Number) })]);
  });

  it('is refused in production when one node of a cluster evicts, or gives fewer rights (R116, R117)', async () => {
    await using cluster = await startRedisCluster();
    using stack = new DisposableStack();
    const operators: Redis[] = cluster.nodes.map((node) => stack.use(operatorOf(node)));
    for (const operator of operators) await operator.call('ACL', 'SETUSER', 'bkend', 'on', '>pw', '~*', '&*', '+@all');
    const [, other, last] = operators as [Redis, Redis, Redis];
    await last.config('SET', 'maxmemory-policy', 'volatile-ttl');
    await other.call('ACL', 'SETUSER', 'bkend', '-zadd');
    const { REDIS_URL: _one, ...others } = production('');
    const nodes = cluster.nodes.map(({ port }) => `127.0.0.1:${port}`).join(',');
    const user = { REDIS_USERNAME: 'bkend', REDIS_PASSWORD: 'pw' };
    const { code, said } = await refusal({ ...others, ...user, REDIS_CLUSTER_NODES: nodes });
    expect({ code, said }).toEqual({
      code: 1,
      said: expect.stringMatching(/REDIS_CLUSTER_NODES {2}is a Redis that throws.+maxmemory-policy volatile-ttl/),
    });
    expect(said).toMatch(/lacks rights in Redis: ZADD/);
  });

  it.each([
    ['have connected', (server: TestServer) => connect(server)],
    ['connected under a version that kept a set of them', (_: TestServer, operator: Redis) => keptAsSet(operator)],
  ])('says that a record of keys is lost when it makes a new one where people %s (R116)', async (_who, connected) => {
    await using redis = await startRedis();
    using operator = operatorOf(redis);
    {
      await using before = await startServer({ env: { REDIS_URL: redis.url } });
      await connected(before, operator);
    }
    await operator.del('bkend:signing-keys');
    await using server = await startServer({ env: { REDIS_URL: redis.url } });
    expect(server.logLines).toContainEqual(expect.objectContaining({ event: 'keys.lost', record: 'signing-keys' }));
  });
});

async function keptAsSet(operator: Redis): Promise<void> {
  const account = await operator.srandmember('bkend:accounts');
  await operator.sadd(`bkend:account-connections:{${account}}`, 'a-connection');
}
