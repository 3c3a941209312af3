import { describe, expect, it } from '@jest/globals';
import type { Rotation } from '../../src/storage/store.ts';
import { rounds, type StoreUnderTest, times } from './store-under-test.ts';

/** Taking a record and writing its successor, in one step. Keys share a tag, as the port demands. */
export function rotationPromises(underTest: () => StoreUnderTest): void {
  const rotation = (name: string, changes: Partial<Rotation> = {}): Rotation => ({
    record: `old:{${name}}`,
    atSeconds: 1000,
    graceSeconds: 60,
    successor: `new:{${name}}`,
    value: '{"is":"new"}',
    ttlSeconds: 100,
    index: `index:{${name}}`,
    companions: [`companion:{${name}}`, `absent:{${name}}`],
    ...changes,
  });
  const begin = async (name: string) => {
    const { one } = underTest();
    await one.write(`old:{${name}}`, '{"is":"old"}', 50);
    await one.write(`companion:{${name}}`, '{}', 10);
  };

  describe('reads together', () => {
    it('several records, in the order of their keys, which need not live on one node', async () => {
      const { one, other } = underTest();
      await one.write('first:{some}', '{"is":1}', 60);
      await one.write('third:{more}', '{"is":3}', 60);
      await one.takeOnce('third:{more}', 7);
      expect(await other.readMany(['first:{some}', 'second:{others}', 'third:{more}'])).toEqual([
        { value: '{"is":1}' },
        undefined,
        { value: '{"is":3}', takenAt: 7 },
      ]);
    });
  });

  describe('rotates', () => {
    it('by taking the record and writing its successor', async () => {
      const { one, other } = underTest();
      await begin('once');
      expect(await one.rotate(rotation('once'))).toBe('taken');
      expect(await other.read('old:{once}')).toEqual({ value: '{"is":"old"}', takenAt: 1000 });
      expect(await other.read('new:{once}')).toEqual({ value: '{"is":"new"}' });
      expect(await other.members('index:{once}')).toEqual(['new:{once}']);
    });

    it('again within the grace, and the successor and the first time stay', async () => {
      const { one, other } = underTest();
      await begin('again');
      await one.rotate(rotation('again'));
      await one.takeOnce('new:{again}', 1010);
      expect(await other.rotate(rotation('again', { atSeconds: 1059, value: '{"is":"later"}' }))).toBe(1000);
      expect(await other.read('new:{again}')).toEqual({ value: '{"is":"new"}', takenAt: 1010 });
      expect(await other.read('old:{again}')).toMatchObject({ takenAt: 1000 });
    });

    it('no more when the grace is over, and writes nothing then', async () => {
      const { one } = underTest();
      await begin('late');
      await one.takeOnce('old:{late}', 900);
      expect(await one.rotate(rotation('late', { atSeconds: 960 }))).toBe(900);
      expect(await one.read('new:{late}')).toBeUndefined();
      expect(await one.members('index:{late}')).toEqual([]);
    });

    it('nothing that is gone', async () => {
      const { one } = underTest();
      expect(await one.rotate(rotation('gone'))).toBe('gone');
      expect(await one.read('new:{gone}')).toBeUndefined();
    });

    it('and lets the successor, its set and the companions live as long, the record as before', async () => {
      const { one, expectLifetime } = underTest();
      await begin('lives');
      await one.rotate(rotation('lives'));
      const isThere = (key: string) => async () => (await one.read(key)) !== undefined;
      expect(await one.read('absent:{lives}')).toBeUndefined();
      await expectLifetime('old:{lives}', 50, isThere('old:{lives}'));
    });

    it.each(['new', 'companion'])('and the %s lives as long as the successor', async (kind) => {
      const { one, expectLifetime } = underTest();
      await begin(`lifetime-${kind}`);
      await one.rotate(rotation(`lifetime-${kind}`));
      const key = `${kind}:{lifetime-${kind}}`;
      await expectLifetime(key, 100, async () => (await one.read(key)) !== undefined);
    });

    it('to one successor, whoever of twenty comes first, in fifty rounds', async () => {
      const { one, other } = underTest();
      for (const round of times(rounds, String)) {
        await begin(`raced-${round}`);
        const rotate = (index: number) =>
          (index % 2 ? one : other).rotate(rotation(`raced-${round}`, { value: `{"by":${index}}` }));
        const results = await Promise.all(times(20, rotate));
        expect(results.filter((result) => result === 'taken')).toHaveLength(1);
        expect(results.filter((result) => result === 1000)).toHaveLength(19);
        expect(await one.members(`index:{raced-${round}}`)).toEqual([`new:{raced-${round}}`]);
      }
    });
  });
}
