import { describe, expect, it } from '@jest/globals';
import type { StoreUnderTest } from './store-under-test.ts';

const value = '{"n":1}';

export function lifetimePromises(underTest: () => StoreUnderTest): void {
  const isRecord = (key: string) => async () => (await underTest().one.read(key)) !== undefined;

  describe('forgets in time', () => {
    it('what was written with a lifetime', async () => {
      const { one, expectLifetime } = underTest();
      await one.write('forget:written', value, 60);
      await expectLifetime('forget:written', 60, isRecord('forget:written'));
    });

    it('what was written once with a lifetime', async () => {
      const { one, expectLifetime } = underTest();
      await one.writeIfAbsent('forget:once', value, 90);
      await expectLifetime('forget:once', 90, isRecord('forget:once'));
    });

    it('never what was written without one', async () => {
      const { one, expectLifetime } = underTest();
      await one.write('forget:never', value);
      await one.writeIfAbsent('forget:never-once', value);
      await expectLifetime('forget:never', undefined, isRecord('forget:never'));
      await expectLifetime('forget:never-once', undefined, isRecord('forget:never-once'));
    });

    it('by the lifetime of the last write', async () => {
      const { one, expectLifetime } = underTest();
      await one.write('forget:longer', value, 10);
      await one.write('forget:longer', value, 500);
      await one.write('forget:shorter', value, 500);
      await one.write('forget:shorter', value, 10);
      await one.write('forget:ever', value, 10);
      await one.write('forget:ever', value);
      await expectLifetime('forget:longer', 500, isRecord('forget:longer'));
      await expectLifetime('forget:shorter', 10, isRecord('forget:shorter'));
      await expectLifetime('forget:ever', undefined, isRecord('forget:ever'));
    });

    it('as if it had not been taken or changed', async () => {
      const { one, expectLifetime } = underTest();
      await one.write('forget:taken', value, 60);
      await one.take({ record: 'forget:taken', nonce: 'a' });
      await one.compareAndSet('forget:taken', value, '{"n":2}');
      await expectLifetime('forget:taken', 60, isRecord('forget:taken'));
    });

    it.each([0, -1, -0.5])('at once, when the lifetime is %d seconds', async (ttlSeconds) => {
      const { one } = underTest();
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
    it('several at once, from now on', async () => {
      const { one, other, expectLifetime } = underTest();
      await one.write('extend:a', value, 60);
      await one.write('extend:b', value, 600);
      await other.extend(['extend:a', 'extend:b', 'extend:missing'], 3600);
      await expectLifetime('extend:a', 3600, isRecord('extend:a'));
      await expectLifetime('extend:b', 3600, isRecord('extend:b'));
    });

    it('taken or not, and keeps the taken mark', async () => {
      const { one, expectLifetime } = underTest();
      await one.write('extend:taken', value, 60);
      await one.take({ record: 'extend:taken', nonce: 'a' });
      await one.extend(['extend:taken'], 120);
      await expectLifetime('extend:taken', 120, isRecord('extend:taken'));
      expect(await one.read('extend:taken')).toEqual({ value, takenAt: expect.any(Number) });
    });

    it.each([30, 0, -5])('but never shorter, as by %d seconds', async (ttlSeconds) => {
      const { one, expectLifetime } = underTest();
      const key = `extend:shorter:${ttlSeconds}`;
      await one.write(key, value, 60);
      await one.extend([key], ttlSeconds);
      await expectLifetime(key, 60, isRecord(key));
    });

    it('but not for a time, when it lives for ever', async () => {
      const { one, expectLifetime } = underTest();
      await one.write('extend:ever', value);
      await one.extend(['extend:ever'], 60);
      await expectLifetime('extend:ever', undefined, isRecord('extend:ever'));
    });

    it('but is not revived', async () => {
      const { one } = underTest();
      await one.write('extend:gone', value, 0);
      await one.extend(['extend:gone'], 60);
      expect(await one.read('extend:gone')).toBeUndefined();
    });

    it('as a set too', async () => {
      const { one, expectLifetime } = underTest();
      await one.addMember('extend:set', 'a', 60);
      await one.extend(['extend:set'], 120);
      await expectLifetime('extend:set', 120, async () => (await one.members('extend:set')).length === 1);
    });
  });
}
