import { describe, expect, it } from '@jest/globals';
import type { Take } from '../../src/storage/store.ts';
import { rounds, type StoreUnderTest, times } from './store-under-test.ts';

const first = '{"n":1}';
const second = '{"n":2}';

/** Taking a record once, and in the same step what goes with it. Keys share a tag, as the port demands. */
export function takePromises({ one, other, expectLifetime, pass, textOf }: StoreUnderTest): void {
  describe('is taken once', () => {
    it('and tells every other taker how long ago that was, by the clock of the store', async () => {
      await one.write('take:twice', first, 60);
      const before = await one.now();
      expect(await one.take({ record: 'take:twice', nonce: 'a' })).toBe('taken');
      await pass(0.05);
      const ago = await other.take({ record: 'take:twice', nonce: 'b' });
      expect(ago).toBeGreaterThanOrEqual(0.05);
      expect(ago).toBeLessThanOrEqual(((await one.now()) - before) / 1000);
      const takenAt = (await other.read('take:twice'))?.takenAt ?? 0;
      expect(await other.read('take:twice')).toEqual({ value: first, takenAt });
      expect(takenAt).toBeGreaterThanOrEqual(Math.floor(before / 1000));
      expect(takenAt).toBeLessThanOrEqual((await one.now()) / 1000);
    });

    it('by the same nonce as often as it asks: its answer may have been lost', async () => {
      await one.write('take:again', first, 60);
      expect(await one.take({ record: 'take:again', nonce: 'a' })).toBe('taken');
      const taken = await textOf('take:again');
      expect(await other.take({ record: 'take:again', nonce: 'a' })).toBe('taken');
      expect(await textOf('take:again')).toBe(taken);
    });

    it('never, when there is nothing', async () => {
      expect(await one.take({ record: 'take:absent', nonce: 'a' })).toBe('gone');
      expect(await one.read('take:absent')).toBeUndefined();
    });

    it('again after it was written anew', async () => {
      await one.write('take:anew', first);
      await one.take({ record: 'take:anew', nonce: 'a' });
      await one.write('take:anew', second);
      expect(await one.read('take:anew')).toEqual({ value: second });
      expect(await other.take({ record: 'take:anew', nonce: 'b' })).toBe('taken');
    });

    it('by exactly one of twenty nonces that race, in fifty rounds', async () => {
      for (let round = 0; round < rounds; round++) {
        const record = `take:race-${round}`;
        await one.write(record, first, 60);
        const results = await Promise.all(times(20, (n) => (n % 2 ? one : other).take({ record, nonce: `by-${n}` })));
        expect(results.filter((result) => result === 'taken')).toHaveLength(1);
        expect(results.filter((result) => typeof result === 'number')).toHaveLength(19);
      }
    });
  });

  describe('is taken together with', () => {
    const take = (name: string, changes: Partial<NonNullable<Take['along']>> = {}, nonce = 'a'): Take => ({
      record: `taken:{${name}}`,
      nonce,
      along: {
        replace: { key: `replaced:{${name}}`, expected: first, value: second },
        write: { key: `written:{${name}}`, value: '{"is":"new"}' },
        ttlSeconds: 100,
        ...changes,
      },
    });
    const begin = async (name: string, ttlSeconds = 10) => {
      await one.write(`taken:{${name}}`, '{"is":"old"}', 50);
      await one.write(`replaced:{${name}}`, first, ttlSeconds);
    };
    const kept = (name: string) => other.readMany([`taken:{${name}}`, `replaced:{${name}}`, `written:{${name}}`]);
    const untouched = [{ value: '{"is":"old"}' }, { value: first }, undefined];

    it('a record that is replaced and one that is new', async () => {
      await begin('together');
      expect(await one.take(take('together'))).toBe('taken');
      const taken = { value: '{"is":"old"}', takenAt: expect.any(Number) };
      expect(await kept('together')).toEqual([taken, { value: second }, { value: '{"is":"new"}' }]);
    });

    it('a record that is replaced, and no other', async () => {
      await begin('alone');
      expect(await one.take(take('alone', { write: undefined }))).toBe('taken');
      expect((await kept('alone')).slice(1)).toEqual([{ value: second }, undefined]);
    });

    it('nothing, and is not taken, when the record to replace was changed meanwhile', async () => {
      await begin('changed');
      await other.compareAndSet('replaced:{changed}', first, '{"n":3}');
      expect(await one.take(take('changed'))).toBe('changed');
      expect(await kept('changed')).toEqual([untouched[0], { value: '{"n":3}' }, undefined]);
    });

    it('nothing, and is not taken, when the record to replace is gone', async () => {
      await one.write('taken:{ended}', '{"is":"old"}', 50);
      expect(await one.take(take('ended'))).toBe('changed');
      expect(await kept('ended')).toEqual([untouched[0], undefined, undefined]);
    });

    it('nothing when it is gone, or another nonce has it', async () => {
      await one.write('replaced:{gone}', first, 10);
      expect(await one.take(take('gone'))).toBe('gone');
      expect(await kept('gone')).toEqual([undefined, { value: first }, undefined]);
      await begin('lost');
      await one.take({ record: 'taken:{lost}', nonce: 'another' });
      expect(await one.take(take('lost'))).toEqual(expect.any(Number));
      expect((await kept('lost')).slice(1)).toEqual([{ value: first }, undefined]);
    });

    it('nothing more when the same nonce asks again', async () => {
      await begin('repeated');
      await one.take(take('repeated'));
      await other.write('replaced:{repeated}', '{"n":3}', 50);
      await other.write('written:{repeated}', '{"is":"used"}', 50);
      expect(await one.take(take('repeated'))).toBe('taken');
      expect((await kept('repeated')).slice(1)).toEqual([{ value: '{"n":3}' }, { value: '{"is":"used"}' }]);
    });

    it.each([
      ['taken', 'lives as before', 10, 50],
      ['replaced', 'lives as long as the new one', 10, 100],
      ['replaced', 'never lives shorter than before', 500, 500],
      ['written', 'lives as long as was asked for', 10, 100],
    ])('so that the record %s %s', async (kind, lives, ttlSeconds, expected) => {
      const name = `${kind}-${lives.replaceAll(' ', '-')}`;
      await begin(name, ttlSeconds);
      await one.take(take(name));
      await expectLifetime(`${kind}:{${name}}`, expected);
    });

    it('what the one of twenty nonces wrote that won, in fifty rounds', async () => {
      for (const round of times(rounds, String)) {
        const name = `raced-${round}`;
        await begin(name);
        const write = (n: number) => ({ key: `written:{${name}}`, value: `{"by":${n}}` });
        const asked = (n: number) => (n % 2 ? one : other).take(take(name, { write: write(n) }, `by-${n}`));
        const results = await Promise.all(times(20, asked));
        expect(results.filter((result) => result === 'taken')).toHaveLength(1);
        expect((await kept(name))[2]).toEqual({ value: `{"by":${results.indexOf('taken')}}` });
      }
    });

    it.each(['replace', 'write'])('no value that is not a JSON object (%s)', async (part) => {
      await begin(`refused-${part}`);
      const wrong = { key: `${part}:{refused-${part}}`, expected: first, value: '12' };
      await expect(one.take(take(`refused-${part}`, { [part]: wrong }))).rejects.toThrow(TypeError);
      expect(await kept(`refused-${part}`)).toEqual(untouched);
    });
  });
}
