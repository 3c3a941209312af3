import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRedisStore, type RedisStore } from '../../src/storage/redis/index.ts';
import type { Store } from '../../src/storage/store.ts';
import { type CuttableRedis, cuttableRedis } from '../support/cuttable-redis.ts';

const anAdvance = { from: 0, graceSeconds: 60, ttlSeconds: 60, extend: [], nonce: 'a' } as const;
const aTake = { nonce: 'a', along: { replace: { key: 'b{t}', expected: '{}', value: '{"b":1}' }, ttlSeconds: 60 } };

/** What each verb that writes answers whoever is the only one, and what can be seen afterwards. */
const writes: {
  verb: string;
  before?: (store: Store) => Promise<unknown>;
  ask: (store: Store) => Promise<unknown>;
  answer: unknown;
  seen: (store: Store) => Promise<unknown>;
  after: unknown;
}[] = [
  {
    verb: 'writeIfAbsent',
    ask: (store) => store.writeIfAbsent('a{t}', '{"mark":1}', 60),
    answer: true,
    seen: (store) => store.writeIfAbsent('a{t}', '{}', 60),
    after: false,
  },
  {
    verb: 'compareAndSet',
    before: (store) => store.write('a{t}', '{}', 60),
    ask: (store) => store.compareAndSet('a{t}', '{}', '{"mark":1}'),
    answer: true,
    seen: (store) => store.compareAndSet('a{t}', '{}', '{"mark":1}'),
    after: false,
  },
  {
    verb: 'count',
    before: (store) => store.count('mark{t}', 60),
    ask: (store) => store.count('mark{t}', 60),
    answer: { count: 2, secondsLeft: 60 },
    seen: (store) => store.readCount('mark{t}'),
    after: { count: 2, secondsLeft: 60 },
  },
  {
    verb: 'remove',
    before: (store) => Promise.all(['mark{t}', 'a{t}'].map((key) => store.write(key, '{}', 60))),
    ask: (store) => store.remove(['mark{t}', 'a{t}', 'none{t}']),
    answer: 2,
    seen: (store) => store.remove(['mark{t}', 'a{t}']),
    after: 0,
  },
  {
    verb: 'take',
    before: (store) => Promise.all(['mark{t}', 'b{t}'].map((key) => store.write(key, '{}', 60))),
    ask: (store) => store.take({ record: 'mark{t}', ...aTake }),
    answer: 'taken',
    seen: async (store) => (await store.read('b{t}'))?.value,
    after: '{"b":1}',
  },
  {
    verb: 'advance',
    before: (store) => store.write('mark{t}', '{}', 60),
    ask: (store) => store.advance({ record: 'mark{t}', ...anAdvance }),
    answer: 1,
    seen: async (store) => (await store.read('mark{t}'))?.progress?.generation,
    after: 1,
  },
];

describe.each(Object.entries(cuttableRedis))('a write whose answer is lost by %s', (_kind, start) => {
  let redis: CuttableRedis;
  beforeAll(async () => {
    redis = await start();
  });
  afterAll(async () => {
    await redis[Symbol.asyncDispose]();
  });

  const opened = () => createRedisStore({ connection: redis.connection, prefix: 'bkend:' });

  async function whileLosing(text: string, ask: (store: RedisStore) => Promise<unknown>): Promise<unknown> {
    const store = opened();
    await store.ping();
    const lost = redis.cutAfter(text);
    const asked = ask(store);
    await lost;
    redis.repair();
    return await asked.finally(() => store.close());
  }

  it.each(writes)('is asked for again, done once and answered as the first time: $verb', async (write) => {
    await redis.empty();
    const direct = opened();
    await write.before?.(direct);
    expect(await whileLosing('mark', write.ask)).toEqual(write.answer);
    expect(await write.seen(direct)).toEqual(write.after);
    await direct.close();
  });

  it('is not said to be ours where somebody else was first', async () => {
    await redis.empty();
    const other = opened();
    await other.write('a{t}', '{"other":1}');
    expect(await whileLosing('mark', (store) => store.writeIfAbsent('a{t}', '{"mark":1}', 60))).toBe(false);
    expect(await whileLosing('mark', (store) => store.compareAndSet('a{t}', '{}', '{"mark":1}'))).toBe(false);
    expect(await whileLosing('mark', (store) => store.remove(['mark{t}']))).toBe(0);
    await other.close();
  });

  it('leaves its answer behind for seconds only', async () => {
    await redis.empty();
    const store = opened();
    await store.count('bkend:c{t}', 60);
    const [answer, ...more] = (await redis.keys()).filter(({ key }) => key !== 'bkend:c{t}');
    expect([answer?.key, more]).toEqual([expect.stringMatching(/^bkend:answer:\{t\}:[\w-]+$/), []]);
    expect(answer?.msLeft).toBeLessThanOrEqual(10_000);
    expect(answer?.msLeft).toBeGreaterThan(5000);
    await store.close();
  });

  it('is answered, whatever it is, while connections are cut all the time (CLIENT KILL)', async () => {
    await redis.empty();
    const store = opened();
    await store.ping();
    let isDone = false;
    const cutting = (async () => {
      while (!isDone) {
        await redis.killClients();
        await delay(20);
      }
    })();
    const rounds = 100;
    let value = '{"n":0}';
    await store.write('changed', value);
    for (let n = 1; n <= rounds; n += 1) {
      const next = `{"n":${n}}`;
      const done = await Promise.all([
        store.count('counter', 600),
        store.compareAndSet('changed', value, next),
        store.writeIfAbsent(`absent-${n}`, next, 60),
        store.write(`record-${n}`, next, 60),
        store.addMember('index', `member-${n}`, 60),
        store.append('feed', next, 60),
      ]);
      expect(done.slice(0, 3)).toEqual([{ count: n, secondsLeft: expect.any(Number) }, true, true]);
      value = next;
      expect(await store.read(`record-${n}`)).toEqual({ value: next });
      expect(await store.take({ record: `record-${n}`, nonce: `nonce-${n}` })).toBe('taken');
      expect(await store.remove([`absent-${n}`, `record-${n}`])).toBe(2);
    }
    isDone = true;
    await cutting;
    expect(await store.members('index')).toHaveLength(rounds);
    const told = (await store.readFeed('feed', undefined, 1000)).map(({ entry }) => entry);
    expect(new Set(told).size).toBe(rounds);
    await store.close();
  });
});
