import { describe, expect, it } from '@jest/globals';
import { createRedisStore } from '../../src/storage/redis/index.ts';
import { closing } from '../support/closing.ts';
import { startRedis } from '../support/redis.ts';
import { temporaryFolder } from '../support/spawned-server.ts';

describe('a Redis that appends to its file before it answers (appendfsync always)', () => {
  // With `everysec` Redis may answer first while an fsync is running, hence promises less: see config/redis.conf.
  it('loses nothing that it acknowledged when it is killed in the middle of its work', async () => {
    await using folder = await temporaryFolder();
    const options = { appendOnly: true, directory: folder.path, configuration: 'appendfsync always' };
    const first = await startRedis(options);
    const store = createRedisStore({ connection: { kind: 'single', url: first.url } });
    const acknowledged = new Set<number>();
    const { promise: enough, resolve } = Promise.withResolvers<void>();
    const writer = async (from: number) => {
      for (let n = from; ; n += 4) {
        await store.write(`written:${n}`, `{"n":${n}}`, 3600);
        await store.take({ record: `written:${n}`, nonce: 'a' });
        if (acknowledged.add(n).size === 200) resolve();
      }
    };
    const writers = Promise.allSettled([0, 1, 2, 3].map(writer));
    await enough;
    await first.kill();
    await writers;
    await store.close();

    await using again = await startRedis(options);
    await using reopened = closing(createRedisStore({ connection: { kind: 'single', url: again.url } }));
    expect(acknowledged.size).toBeGreaterThanOrEqual(200);
    for (const n of acknowledged) {
      expect(await reopened.read(`written:${n}`)).toEqual({ value: `{"n":${n}}`, takenAt: expect.any(Number) });
    }
  });
});
