import { describe, expect, it } from '@jest/globals';
import { rounds, type StoreUnderTest, times } from './store-under-test.ts';

export function setPromises({ one, other, expectLifetime }: StoreUnderTest): void {
  const membersOf = async (index: string) => (await other.members(index)).sort();

  describe('keeps sets', () => {
    it('with each member once', async () => {
      await one.addMember('set:once', 'a', 60);
      await other.addMember('set:once', 'b', 60);
      await one.addMember('set:once', 'a', 60);
      expect(await membersOf('set:once')).toEqual(['a', 'b']);
    });

    it('that are empty until something is added', async () => {
      expect(await membersOf('set:empty')).toEqual([]);
    });

    it('without the members that were removed', async () => {
      await one.addMember('set:removed', 'a', 60);
      await one.addMember('set:removed', 'b', 60);
      await other.removeMember('set:removed', 'a');
      await other.removeMember('set:removed', 'never there');
      expect(await membersOf('set:removed')).toEqual(['b']);
    });

    it('until they are removed as a whole', async () => {
      await one.addMember('set:whole', 'a', 60);
      await one.remove(['set:whole']);
      expect(await membersOf('set:whole')).toEqual([]);
    });

    it('at least as long as any member asked for, all members alike', async () => {
      await one.addMember('set:lifetime', 'a', 60);
      await one.addMember('set:lifetime', 'b', 600);
      await one.addMember('set:lifetime', 'c', 30);
      const isWhole = async () => {
        const { length } = await one.members('set:lifetime');
        expect([0, 3]).toContain(length);
        return length === 3;
      };
      await expectLifetime('set:lifetime', 600, isWhole);
    });

    it('of which a few may be asked for, of a small one all', async () => {
      await Promise.all(times(20, (n) => one.addMember('set:some', `member-${n}`, 60)));
      const some = await other.someMembers('set:some', 5);
      expect(new Set(some).size).toBe(5);
      expect(await other.members('set:some')).toEqual(expect.arrayContaining(some));
      expect((await other.someMembers('set:some', 100)).sort()).toEqual(await membersOf('set:some'));
      expect(await other.someMembers('set:none', 5)).toEqual([]);
    });

    it('as long as before when the member is removed that asked for most', async () => {
      await one.addMember('set:bequeathed', 'a', 60);
      await one.addMember('set:bequeathed', 'b', 600);
      await one.removeMember('set:bequeathed', 'b');
      await expectLifetime('set:bequeathed', 600, async () => (await membersOf('set:bequeathed')).includes('a'));
    });

    it('with every member that several processes add at once', async () => {
      await Promise.all(times(100, (n) => (n % 2 ? one : other).addMember('set:race', `member-${n}`, 60)));
      expect(await membersOf('set:race')).toEqual(times(100, (n) => `member-${n}`).sort());
    });
  });

  describe('counts', () => {
    it('from one, for as long as the window of the first count', async () => {
      expect(await one.count('count:window', 900)).toEqual({ count: 1, secondsLeft: 900 });
      expect(await other.count('count:window', 5000)).toEqual({ count: 2, secondsLeft: 900 });
      await expectLifetime('count:window', 900, async () => (await one.readCount('count:window')).count === 2);
    });

    it('nothing by reading', async () => {
      expect(await one.readCount('count:read')).toEqual({ count: 0, secondsLeft: 0 });
      await one.count('count:read', 60);
      expect(await other.readCount('count:read')).toEqual({ count: 1, secondsLeft: 60 });
      expect(await other.readCount('count:read')).toEqual({ count: 1, secondsLeft: 60 });
    });

    it('from one again after it was removed', async () => {
      await one.count('count:removed', 60);
      await one.count('count:removed', 60);
      await one.remove(['count:removed']);
      expect(await one.count('count:removed', 30)).toEqual({ count: 1, secondsLeft: 30 });
    });
  });

  describe('survives two writers', () => {
    it('and counts each of them', async () => {
      for (let round = 0; round < rounds; round++) {
        const counter = `writers:count-${round}`;
        const counts = await Promise.all(times(20, (n) => (n % 2 ? one : other).count(counter, 60)));
        expect(counts.map(({ count }) => count).sort((a, b) => a - b)).toEqual(times(20, (n) => n + 1));
      }
    });

    it('and keeps one of their values, whole', async () => {
      const values = times(20, (n) => JSON.stringify({ writer: n, text: String(n).repeat(1000) }));
      for (let round = 0; round < rounds; round++) {
        const key = `writers:value-${round}`;
        await Promise.all(values.map((value, n) => (n % 2 ? one : other).write(key, value, 60)));
        expect(values).toContain((await one.read(key))?.value);
      }
    });

    it('and gives a taken record to one of those who take while another removes it, or to nobody', async () => {
      for (let round = 0; round < rounds; round++) {
        const key = `writers:take-${round}`;
        await one.write(key, '{}', 60);
        const [results] = await Promise.all([
          Promise.all(times(6, (n) => (n % 2 ? one : other).take({ record: key, nonce: String(n) }))),
          other.remove([key]),
        ]);
        expect(results.filter((result) => result === 'taken').length).toBeLessThanOrEqual(1);
        expect(await one.take({ record: key, nonce: 'late' })).toBe('gone');
      }
    });
  });
}
