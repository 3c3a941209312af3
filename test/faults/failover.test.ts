import { expect, it } from '@jest/globals';
import { createRedisStore } from '../../src/storage/redis/index.ts';
import { eventually } from '../support/eventually.ts';
import { startSentinelGroup } from '../support/redis-groups.ts';

/** Sentinels let a primary that lives go on for eight seconds and more before they make it a replica. */
const soonMs = 4000;

it('a primary that was replaced while it lives is left at once: what it goes on taking would be thrown away', async () => {
  await using group = await startSentinelGroup();
  const [host, port] = String(group.env.REDIS_SENTINELS?.split(',')[0]).split(':');
  const sentinels = [{ host: String(host), port: Number(port) }];
  const store = createRedisStore({ connection: { kind: 'sentinel', sentinels, name: 'bkend' } });
  await store.write('where', '{"n":0}');
  const [former] = await group.primaries();

  const replaced = group.replace(former as NonNullable<typeof former>);
  await eventually(async () => (await group.primaries())[0] !== former);
  const [next] = await group.primaries();
  const begun = performance.now();
  let n = 0;
  await eventually(async () => {
    n += 1;
    await store.write('where', `{"n":${n}}`).catch(() => undefined);
    return (await next?.command('GET', 'where')) === `{"n":${n}}`;
  });

  expect(performance.now() - begun).toBeLessThan(soonMs);
  await store.close();
  await replaced;
});
