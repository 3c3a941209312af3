import { describe, expect, it } from '@jest/globals';
import type { StoreUnderTest } from './store-under-test.ts';

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
