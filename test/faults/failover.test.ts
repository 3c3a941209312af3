import { expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { createRedisStore } from '../../src/storage/redis/index.ts';
import { eventually, untilDone } from '../support/eventually.ts';
import { startSentinelGroup } from '../support/redis-groups.ts';

it('a primary that was replaced while it lives is left at once: what it goes on taking would be thrown away', async () => {
  await using group = await startSentinelGroup();
  await using stack = new AsyncDisposableStack();
  const [host = '', port] = String(group.env.REDIS_SENTINELS?.split(',')[0]).split(':');
  const sentinels = [{ host, port: Number(port) }];
  const store = stack.adopt(
    createRedisStore({ connection: { kind: 'sentinel', sentinels, name: 'bkend' } }),
    (opened) => opened.close(),
  );
  await store.write('where', '{"n":0}');
  const [former] = await group.primaries();
  // Nothing but the word of the Sentinels says so: it never becomes a replica, and misses none.
  await former?.command('ACL', 'SETUSER', 'default', '-replicaof', '-slaveof');
  await former?.command('CONFIG', 'SET', 'min-replicas-to-write', 0);

  const sentinel = stack.adopt(new Redis(Number(port), host), (client) => client.disconnect());
  await untilDone(() => sentinel.call('SENTINEL', 'FAILOVER', 'bkend'));
  await eventually(async () => (await group.primaries())[0] !== former);
  const [next] = await group.primaries();
  let n = 0;
  await eventually(async () => {
    n += 1;
    await store.write('where', `{"n":${n}}`).catch(() => undefined);
    return (await next?.command('GET', 'where')) === `{"n":${n}}`;
  });

  expect(String(await former?.command('INFO', 'replication'))).toContain('role:master');
});
