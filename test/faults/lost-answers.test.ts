import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { createRedisStore, type RedisStore } from '../../src/storage/redis/index.ts';
import type { Store } from '../../src/storage/store.ts';
import { StoreUnavailable } from '../../src/storage/store-unavailable.ts';
import { closing } from '../support/closing.ts';
import { cuttableRedis } from '../support/cuttable-redis.ts';
import { shared } from '../support/shared.ts';

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
    answer: { count: 2, secondsLeft: expect.any(Number) },
    seen: (store) => store.readCount('mark{t}'),
    after: { count: 2, secondsLeft: expect.any(Number) },
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
  const redis = shared(start);

  const opened = () => closing(createRedisStore({ connection: redis.connection, prefix: 'bkend:' }));

  async function whileLosing(text: string, ask: (store: RedisStore) => Promise<unknown>): Promise<unknown> {
    await using store = opened();
    await store.ping();
    const lost = redis.cutAfter(text);
    const asked = ask(store);
    await lost;
    redis.repair();
    return await asked;
  }

  it.each(writes)('is asked for again, done once and answered as the first time: $verb', async (write) => {
    await using direct = opened();
    const answer = await inTime(async () => {
      await redis.empty();
      await write.before?.(direct);
      return whileLosing('mark', write.ask);
    });
    expect(answer).toEqual(write.answer);
    expect(await write.seen(direct)).toEqual(write.after);
  });

  it('is not said to be ours where somebody else was first', async () => {
    await redis.empty();
    await using other = opened();
    await other.write('a{t}', '{"other":1}');
    const losing = (ask: (store: RedisStore) => Promise<unknown>) => inTime(() => whileLosing('mark', ask));
    expect(await losing((store) => store.writeIfAbsent('a{t}', '{"mark":1}', 60))).toBe(false);
    expect(await losing((store) => store.compareAndSet('a{t}', '{}', '{"mark":1}'))).toBe(false);
    expect(await losing((store) => store.remove(['mark{t}']))).toBe(0);
  });

  it('leaves its answer behind for seconds only', async () => {
    await redis.empty();
    await using store = opened();
    await store.count('bkend:c{t}', 60);
    const [answer, ...more] = (await redis.keys()).filter(({ key }) => key !== 'bkend:c{t}');
    expect([answer?.key, more]).toEqual([expect.stringMatching(/^bkend:answer:\{t\}:[\w-]+$/), []]);
    expect(answer?.msLeft).toBeLessThanOrEqual(10_000);
    expect(answer?.msLeft).toBeGreaterThan(0);
  });

  it('is answered, whatever it is, while connections are cut again and again (CLIENT KILL)', async () => {
    await redis.empty();
    await using store = opened();
    await store.ping();
    const rounds = 100;
    let value = '{"n":0}';
    await store.write('changed', value);
    for (let n = 1; n <= rounds; n += 1) {
      const next = `{"n":${n}}`;
      const asked = Promise.all([
        store.count('counter', 600),
        store.compareAndSet('changed', value, next),
        store.writeIfAbsent(`absent-${n}`, next, 60),
        store.write(`record-${n}`, next, 60),
        store.addMember('index', `member-${n}`, 60),
        store.append('feed', next, 60),
      ]);
      for (let turns = n % 7; turns > 0; turns -= 1) await nextTurn();
      const [done] = await Promise.all([asked, redis.killClients()]);
      expect(done.slice(0, 3)).toEqual([{ count: n, secondsLeft: expect.any(Number) }, true, true]);
      value = next;
      expect(await store.read(`record-${n}`)).toEqual({ value: next });
      expect(await store.take({ record: `record-${n}`, nonce: `nonce-${n}` })).toBe('taken');
      expect(await store.remove([`absent-${n}`, `record-${n}`])).toBe(2);
    }
    expect(await store.members('index')).toHaveLength(rounds);
    const told = (await store.readFeed('feed', undefined, 1000)).map(({ entry }) => entry);
    expect(new Set(told).size).toBe(rounds);
  });
});

/** A machine that was busy for as long as a request is patient proves nothing: once more. */
async function inTime<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = 9; ; left -= 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || left === 0) throw error;
    }
  }
}
