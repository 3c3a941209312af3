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
      expect(await one.count('count:window', 900)).toEqual({ count: 1, secondsLeft: expect.closeTo(900, -1) });
      expect(await other.count('count:window', 5000)).toEqual({ count: 2, secondsLeft: expect.closeTo(900, -1) });
      await expectLifetime('count:window', 900, async () => (await one.readCount('count:window')).count === 2);
    });

    it('nothing by reading', async () => {
      expect(await one.readCount('count:read')).toEqual({ count: 0, secondsLeft: 0 });
      await one.count('count:read', 60);
      expect(await other.readCount('count:read')).toEqual({ count: 1, secondsLeft: expect.closeTo(60, -1) });
      expect(await other.readCount('count:read')).toEqual({ count: 1, secondsLeft: expect.closeTo(60, -1) });
    });

    it('from one again after it was removed', async () => {
      await one.count('count:removed', 60);
      await one.count('count:removed', 60);
      await one.remove(['count:removed']);
      expect(await one.count('count:removed', 30)).toEqual({ count: 1, secondsLeft: expect.closeTo(30, -1) });
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

const kept = { ttlSeconds: 600 };
const at = (member: string, position: number, dueSeconds = 60) => ({ member, position, dueSeconds });

export function listPromises({ one, other, expectLifetime, pass }: StoreUnderTest): void {
  const membersOf = async (list: string) =>
    (await other.readList(list, { limit: 100 })).entries.map(({ member }) => member);

  describe('keeps lists', () => {
    it('by position, the highest first, of equal ones the later name, each member once', async () => {
      await one.enlist('list:order', [at('b', 2), at('a', 2), at('old', 1)], kept);
      await other.enlist('list:order', [at('new', 3), at('a', 2)], kept);
      expect(await one.readList('list:order', { limit: 10 })).toEqual({
        count: 4,
        entries: [
          { member: 'new', position: 3 },
          { member: 'b', position: 2 },
          { member: 'a', position: 2 },
          { member: 'old', position: 1 },
        ],
        dueCount: 0,
        due: [],
      });
    });

    it('that are empty until something is added, and again when all of it was taken out', async () => {
      const nothing = { count: 0, entries: [], dueCount: 0, due: [] };
      expect(await one.readList('list:empty', { limit: 10, dueLimit: 10 })).toEqual(nothing);
      expect(await one.readList('list:empty', { after: { member: 'a', position: 1 }, limit: 10 })).toEqual(nothing);
      await one.enlist('list:empty', [], kept);
      await one.enlist('list:empty', [at('a', 1), at('b', 2)], kept);
      await other.unlist('list:empty', ['a', 'b', 'never there']);
      await other.unlist('list:empty', []);
      expect(await one.readList('list:empty', { limit: 10, dueLimit: 10 })).toEqual(nothing);
    });

    it('and moves whoever is added with another position', async () => {
      await one.enlist('list:moved', [at('a', 1), at('b', 2)], kept);
      await one.enlist('list:moved', [at('a', 3)], kept);
      expect(await membersOf('list:moved')).toEqual(['a', 'b']);
    });

    it('in parts, by how many come before, or by the place after which to go on, somebody there or not', async () => {
      const all = times(25, (n) => at(`m-${String(n).padStart(2, '0')}`, Math.floor(n / 10)));
      await one.enlist('list:parts', all, kept);
      const names = all.map(({ member }) => member).reverse();
      const part = async (asked: object) =>
        (await one.readList('list:parts', { limit: 7, ...asked })).entries.map(({ member }) => member);
      expect(await part({})).toEqual(names.slice(0, 7));
      expect(await part({ from: 7 })).toEqual(names.slice(7, 14));
      expect(await part({ from: 21 })).toEqual(names.slice(21));
      expect(await part({ from: 25 })).toEqual([]);
      expect(await part({ limit: 0 })).toEqual([]);
      const after = { member: 'm-18', position: 1 };
      expect(await part({ after })).toEqual(names.slice(7, 14));
      await other.unlist('list:parts', ['m-18']);
      expect(await part({ after })).toEqual(names.slice(7, 14));
      expect((await one.readList('list:parts', { after, limit: 1 })).count).toBe(24);
    });

    it('and says who is due, those longest due first, until they are put off', async () => {
      await one.enlist('list:due', [at('soon', 1, 0.5), at('now', 2, -5), at('later', 3, 60)], kept);
      await pass(1);
      expect(await other.readList('list:due', { limit: 1, dueLimit: 1 })).toMatchObject({ dueCount: 2, due: ['now'] });
      expect(await other.readList('list:due', { limit: 1, dueLimit: 9 })).toMatchObject({ due: ['now', 'soon'] });
      await other.enlist('list:due', [at('now', 2, 60), at('soon', 1, 60)], kept);
      expect(await one.readList('list:due', { limit: 9, dueLimit: 9 })).toMatchObject({
        count: 3,
        dueCount: 0,
        due: [],
      });
    });

    it('without whoever was taken out, when only those who are there are put off', async () => {
      await one.enlist('list:there', [at('a', 1), at('b', 2)], kept);
      await other.unlist('list:there', ['a']);
      await one.enlist('list:there', [at('a', 1), at('b', 2, -1), at('never', 3)], { ...kept, onlyThere: true });
      expect(await membersOf('list:there')).toEqual(['b']);
      expect(await one.readList('list:there', { limit: 0, dueLimit: 9 })).toMatchObject({ due: ['b'] });
    });

    it('as long as any member stays after it is due', async () => {
      await one.enlist('list:lifetime', [at('a', 1, -5)], { ttlSeconds: 40 });
      await one.enlist('list:lifetime', [at('a', 1, 100)], kept);
      await one.enlist('list:lifetime', [at('b', 2, 300)], { ttlSeconds: 30 });
      await expectLifetime('list:lifetime', 700, async () => (await membersOf('list:lifetime')).includes('a'));
    });

    it('without whoever was due long ago, when somebody else is added', async () => {
      await one.enlist('list:left', [at('left', 1, 0.1), at('renewed', 2, 0.1)], { ttlSeconds: 0.3 });
      await one.enlist('list:left', [at('renewed', 2)], kept);
      await pass(1);
      await one.enlist('list:left', [at('new', 3)], { ttlSeconds: 0.3 });
      expect(await membersOf('list:left')).toEqual(['new', 'renewed']);
    });

    it.each([0, -1])('without whoever stays for %d seconds', async (ttlSeconds) => {
      await one.enlist(`list:nothing:${ttlSeconds}`, [at('a', 1)], { ttlSeconds });
      expect(await membersOf(`list:nothing:${ttlSeconds}`)).toEqual([]);
    });

    it('with every member that several processes add at once, and none that they take out', async () => {
      const members = times(60, (n) => at(`member-${n}`, n));
      await Promise.all(members.map((entry, n) => (n % 2 ? one : other).enlist('list:race', [entry], kept)));
      await Promise.all(
        members.map(({ member }, n) => n % 3 === 0 && (n % 2 ? other : one).unlist('list:race', [member])),
      );
      const left = members.filter((_, n) => n % 3 !== 0).map(({ member }) => member);
      expect(await membersOf('list:race')).toEqual(left.reverse());
    });
  });
}
