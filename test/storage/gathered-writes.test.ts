import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { createRedisStore } from '../../src/storage/redis/index.ts';
import { startRedis } from '../support/redis.ts';

describe('what is asked of Redis in one turn of the event loop', () => {
  /** A line on which each piece is counted that arrives at once. */
  function aLine(port: number): { line: Server; pieces: string[] } {
    const pieces: string[] = [];
    const line = createServer((incoming) => {
      const outgoing = connect(port, '127.0.0.1').setNoDelay();
      incoming.setNoDelay().on('data', (piece) => {
        pieces.push(String(piece));
        outgoing.write(piece);
      });
      outgoing.pipe(incoming);
      for (const socket of [incoming, outgoing]) socket.on('error', () => undefined);
      incoming.on('close', () => outgoing.destroy());
      outgoing.on('close', () => incoming.destroy());
    });
    return { line, pieces };
  }

  it('leaves in one piece, what is read after what is written', async () => {
    await using redis = await startRedis();
    const { line, pieces } = aLine(Number(new URL(redis.url).port));
    await once(line.listen(0, '127.0.0.1'), 'listening');
    const url = `redis://127.0.0.1:${(line.address() as AddressInfo).port}`;
    const store = createRedisStore({ connection: { kind: 'single', url } });
    await store.ping();
    pieces.length = 0;
    const keys = Array.from({ length: 50 }, (_, n) => `k${n}`);
    const [read] = await Promise.all([
      store.readMany(keys),
      ...keys.map((key) => store.write(key, '{}', 60)),
      ...keys.map(async (key) => {
        // Whoever goes on after other promises of this turn is in time, too.
        for (let n = 0; n < 5; n += 1) await Promise.resolve();
        return store.discard([`other ${key}`]);
      }),
    ]);
    expect(read).toEqual(keys.map(() => ({ value: '{}' })));
    expect(pieces).toHaveLength(1);
    await store.close();
    line.close();
  });
});
