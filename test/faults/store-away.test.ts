import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { createRedisStore } from '../../src/storage/redis/index.ts';
import { closing } from '../support/closing.ts';
import { attendedMs, eventuallyWithin, untilReady } from '../support/eventually.ts';
import { startRedis } from '../support/redis.ts';
import { startServer } from '../support/server.ts';

describe('a Redis that is away', () => {
  const refused = (asked: Promise<unknown>) => expect(asked).rejects.toMatchObject({ status: 503 });

  it('costs all who ask one wait, and nobody any once it is known to be away (R125)', async () => {
    const server = await startRedis();
    await using store = closing(createRedisStore({ connection: { kind: 'single', url: server.url } }));
    await store.ping();
    await server.stop();

    const repeated = { record: 'r', nonce: 'n' };
    const all = () =>
      Array.from({ length: 20 }, () => [refused(store.read('k')), refused(store.take(repeated))]).flat();
    // A wait for each of them would be half a minute; two for each are more than this, too.
    expect(await attendedMs(() => Promise.all(all()))).toBeLessThan(3000);
    // Less than the wait.
    for (const ask of [() => store.read('k'), () => store.take(repeated), () => store.write('k', '{}')])
      await eventuallyWithin(900, () => refused(ask()));
  });
});

it('a Redis that is silent at first does not keep a server from its start', async () => {
  await using redis = await startRedis();
  let silent = 2;
  const line = createServer((near) => {
    silent -= 1;
    near.on('error', () => undefined);
    if (silent >= 0) near.resume();
    else near.pipe(connect(redis.port, '127.0.0.1').on('error', () => near.destroy())).pipe(near);
  });
  line.listen(0, '127.0.0.1');
  await once(line, 'listening');
  const { port } = line.address() as AddressInfo;
  await using server = await startServer({ env: { REDIS_URL: `redis://127.0.0.1:${port}` } });
  await untilReady(server);
  line.close();
});
