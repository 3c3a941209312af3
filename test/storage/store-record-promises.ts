import { describe, expect, it } from '@jest/globals';
import { rounds, type StoreUnderTest, times } from './store-under-test.ts';

const first = '{"n":1}';
const second = '{"n":2}';
const third = '{"n":3}';

export function recordPromises({ one, other }: StoreUnderTest): void {
  describe('remembers', () => {
    it('what was written, for every process', async () => {
      await one.write('remembers:plain', first);
      expect(await other.read('remembers:plain')).toEqual({ value: first });
    });

    it('what was there before, for whoever exchanges it, taken or not', async () => {
      expect(await one.exchange('exchange:record', first, 60)).toBeUndefined();
      expect(await other.exchange('exchange:record', second, 60)).toEqual({ value: first });
      await one.take({ record: 'exchange:record', nonce: 'a' });
      expect(await other.exchange('exchange:record', third, 60)).toEqual({
        value: second,
        takenAt: expect.any(Number),
      });
      expect(await one.read('exchange:record')).toEqual({ value: third });
    });

    it('nothing of an exchange for no time, which is none', async () => {
      for (const seconds of [0, -1, Number.NaN])
        await expect(one.exchange('exchange:for-no-time', first, seconds)).rejects.toThrow(RangeError);
      expect(await other.read('exchange:for-no-time')).toBeUndefined();
    });

    it('nothing that was never written', async () => {
      expect(await one.read('remembers:nothing')).toBeUndefined();
    });

    it('the last of several values', async () => {
      await one.write('remembers:last', first, 60);
      await other.write('remembers:last', second, 60);
      expect(await one.read('remembers:last')).toEqual({ value: second });
    });

    it('text of every language and length, to the letter', async () => {
      const value = JSON.stringify({ text: `"\\ \n\u0000 12 {"a":1} ${'Ünïcödé 日本語 🔑'.repeat(5000)}` });
      await one.write('remembers:text', value);
      expect(await one.read('remembers:text')).toEqual({ value });
    });

    it('no longer what was removed, several at once, present or not', async () => {
      await Promise.all(['a', 'b', 'kept'].map((key) => one.write(`remove:${key}`, first)));
      expect(await other.remove(['remove:a', 'remove:missing', 'remove:b'])).toBe(2);
      expect(await one.remove(['remove:a'])).toBe(0);
      expect(await one.read('remove:a')).toBeUndefined();
      expect(await one.read('remove:b')).toBeUndefined();
      expect(await one.read('remove:kept')).toEqual({ value: first });
    });

    it('discards what is there and what is not, and that again', async () => {
      await one.write('discard:a', first);
      for (let n = 0; n < 2; n += 1) await other.discard(['discard:a', 'discard:missing']);
      expect(await one.read('discard:a')).toBeUndefined();
      await expect(one.discard([])).resolves.toBeUndefined();
    });

    it('everything when nothing is to be removed', async () => {
      expect(await one.remove([])).toBe(0);
    });

    it('several records, read together in the order of their keys, which need not live on one node', async () => {
      await one.write('first:{some}', '{"is":1}', 60);
      await one.write('third:{more}', '{"is":3}', 60);
      await one.take({ record: 'third:{more}', nonce: 'a' });
      expect(await other.readMany(['first:{some}', 'second:{others}', 'third:{more}'])).toEqual([
        { value: '{"is":1}' },
        undefined,
        { value: '{"is":3}', takenAt: expect.any(Number) },
      ]);
    });

    it('the removal of a record to exactly one of twenty callers, in fifty rounds', async () => {
      for (const key of times(rounds, (round) => `remove:race-${round}`)) {
        await one.write(key, first, 60);
        const removed = await Promise.all(times(20, (n) => (n % 2 ? one : other).remove([key])));
        expect(removed.sort()).toEqual([...times(19, () => 0), 1]);
      }
    });
  });

  describe('is written once', () => {
    it('when absent', async () => {
      expect(await one.writeIfAbsent('once:absent', first, 60)).toBe(true);
      expect(await other.read('once:absent')).toEqual({ value: first });
    });

    it('and stays as it is when present, taken or not', async () => {
      await one.write('once:present', first);
      expect(await other.writeIfAbsent('once:present', second)).toBe(false);
      await one.take({ record: 'once:present', nonce: 'a' });
      expect(await other.writeIfAbsent('once:present', second)).toBe(false);
      expect(await one.read('once:present')).toEqual({ value: first, takenAt: expect.any(Number) });
    });

    it('by exactly one of many that race', async () => {
      for (let round = 0; round < rounds; round++) {
        const key = `once:race-${round}`;
        const written = await Promise.all(
          times(20, (n) => (n % 2 ? one : other).writeIfAbsent(key, `{"writer":${n}}`, 60)),
        );
        expect(written.filter(Boolean)).toHaveLength(1);
        expect(await one.read(key)).toEqual({ value: `{"writer":${written.indexOf(true)}}` });
      }
    });
  });

  describe('changes only what was read', () => {
    it('and nothing else', async () => {
      await one.write('change:read', first);
      expect(await other.compareAndSet('change:read', first, second)).toBe(true);
      expect(await one.compareAndSet('change:read', first, third)).toBe(false);
      expect(await one.read('change:read')).toEqual({ value: second });
    });

    it('and does not create what is not there', async () => {
      expect(await one.compareAndSet('change:absent', first, second)).toBe(false);
      expect(await one.read('change:absent')).toBeUndefined();
    });

    it('and keeps the taken mark', async () => {
      await one.write('change:taken', first);
      await one.take({ record: 'change:taken', nonce: 'a' });
      const before = await one.read('change:taken');
      expect(await one.compareAndSet('change:taken', first, second)).toBe(true);
      expect(before?.takenAt).toEqual(expect.any(Number));
      expect(await one.read('change:taken')).toEqual({ ...before, value: second });
    });

    it('so that no change of many is lost', async () => {
      await one.write('change:race', '{"n":0}');
      const addOne = async (store: typeof one): Promise<void> => {
        const value = (await store.read('change:race'))?.value ?? '';
        const next = JSON.stringify({ n: JSON.parse(value).n + 1 });
        if (!(await store.compareAndSet('change:race', value, next))) await addOne(store);
      };
      for (let round = 0; round < rounds; round++) await Promise.all(times(6, (n) => addOne(n % 2 ? one : other)));
      expect(await one.read('change:race')).toEqual({ value: `{"n":${6 * rounds}}` });
    });
  });

  describe('refuses values that are not JSON objects', () => {
    it.each([
      { what: 'a number', value: '12' },
      { what: 'a string', value: '"text"' },
      { what: 'an array', value: '[{}]' },
      { what: 'null', value: 'null' },
      { what: 'nothing', value: '' },
      { what: 'what a taken record looks like', value: 't12:nonce {"n":1}' },
      { what: 'what an advanced record looks like', value: 'g1:nonce:12 {"n":1}' },
      { what: 'half an object', value: '{"n":1' },
    ])('such as $what', async ({ value }) => {
      await one.write('refuses:value', first);
      await expect(one.write('refuses:value', value)).rejects.toThrow(TypeError);
      await expect(one.writeIfAbsent('refuses:absent', value)).rejects.toThrow(TypeError);
      await expect(one.compareAndSet('refuses:value', first, value)).rejects.toThrow(TypeError);
      expect(await one.read('refuses:value')).toEqual({ value: first });
      expect(await one.read('refuses:absent')).toBeUndefined();
    });
  });
}

const value = '{"n":1}';

/** What is done, and for how long each key lives then. */
type Lifetimes = [what: string, done: () => Promise<unknown>, lifetimes: Record<string, number | undefined>];

export function lifetimePromises({ one, other, expectLifetime }: StoreUnderTest): void {
  const live = async (_what: string, done: () => Promise<unknown>, lifetimes: Record<string, number | undefined>) => {
    await done();
    for (const [key, seconds] of Object.entries(lifetimes)) await expectLifetime(key, seconds);
  };
  /** Each key with one lifetime after the other. */
  const written = async (lifetimes: Record<string, readonly (number | undefined)[]>) => {
    for (const [key, each] of Object.entries(lifetimes))
      for (const seconds of each) await one.write(key, value, seconds);
  };

  describe('forgets in time', () => {
    it.each<Lifetimes>([
      ['what was written with a lifetime', () => written({ 'forget:written': [60] }), { 'forget:written': 60 }],
      [
        'what was written once with a lifetime',
        () => one.writeIfAbsent('forget:once', value, 90),
        { 'forget:once': 90 },
      ],
      [
        'never what was written without one',
        () => Promise.all([written({ 'forget:never': [undefined] }), one.writeIfAbsent('forget:never-once', value)]),
        { 'forget:never': undefined, 'forget:never-once': undefined },
      ],
      [
        'by the lifetime of the last write',
        () => written({ 'forget:longer': [10, 500], 'forget:shorter': [500, 10], 'forget:ever': [10, undefined] }),
        { 'forget:longer': 500, 'forget:shorter': 10, 'forget:ever': undefined },
      ],
      [
        'as if it had not been taken or changed',
        async () => {
          await written({ 'forget:taken': [60] });
          await one.take({ record: 'forget:taken', nonce: 'a' });
          await one.compareAndSet('forget:taken', value, '{"n":2}');
        },
        { 'forget:taken': 60 },
      ],
    ])('%s', live);

    it.each([0, -1, -0.5])('at once, when the lifetime is %d seconds', async (ttlSeconds) => {
      const key = `forget:at-once:${ttlSeconds}`;
      await one.write(key, value);
      expect(await one.writeIfAbsent(key, value, ttlSeconds)).toBe(false);
      await one.write(key, value, ttlSeconds);
      expect(await one.read(key)).toBeUndefined();
      expect(await one.take({ record: key, nonce: 'a' })).toBe('gone');
      expect(await one.writeIfAbsent(key, value, ttlSeconds)).toBe(true);
      expect(await one.read(key)).toBeUndefined();
      await one.addMember(key, 'a', ttlSeconds);
      expect(await one.members(key)).toEqual([]);
      expect(await one.count(key, ttlSeconds)).toEqual({ count: 1, secondsLeft: 0 });
      expect(await one.readCount(key)).toEqual({ count: 0, secondsLeft: 0 });
    });
  });

  describe('lives longer when extended', () => {
    const extended = async (key: string, lifetime: number | undefined, ttlSeconds: number) => {
      await written({ [key]: [lifetime] });
      await one.extend([key], ttlSeconds);
    };

    it.each<Lifetimes>([
      [
        'several at once, from now on',
        async () => {
          await written({ 'extend:a': [60], 'extend:b': [600] });
          await other.extend(['extend:a', 'extend:b', 'extend:missing'], 3600);
        },
        { 'extend:a': 3600, 'extend:b': 3600 },
      ],
      ['but never shorter, as by 30 seconds', () => extended('extend:30', 60, 30), { 'extend:30': 60 }],
      ['but never shorter, as by 0 seconds', () => extended('extend:0', 60, 0), { 'extend:0': 60 }],
      ['but never shorter, as by -5 seconds', () => extended('extend:-5', 60, -5), { 'extend:-5': 60 }],
      [
        'but not for a time, when it lives for ever',
        () => extended('extend:ever', undefined, 60),
        { 'extend:ever': undefined },
      ],
    ])('%s', live);

    it('taken or not, and keeps the taken mark', async () => {
      await one.write('extend:taken', value, 60);
      await one.take({ record: 'extend:taken', nonce: 'a' });
      await one.extend(['extend:taken'], 120);
      await expectLifetime('extend:taken', 120);
      expect(await one.read('extend:taken')).toEqual({ value, takenAt: expect.any(Number) });
    });

    it('but is not revived', async () => {
      await extended('extend:gone', 0, 60);
      expect(await one.read('extend:gone')).toBeUndefined();
    });

    it('as a set too', async () => {
      await one.addMember('extend:set', 'a', 60);
      await one.extend(['extend:set'], 120);
      await expectLifetime('extend:set', 120, async () => (await one.members('extend:set')).length === 1);
    });
  });
}
