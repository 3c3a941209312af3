import { describe, expect, it } from '@jest/globals';
import { advancing } from './store-advancing.ts';
import type { StoreUnderTest } from './store-under-test.ts';

/** Several who hold one generation at once, and keep what they are told in the order in which the answers come in. */
export function sharedPromises(underTest: StoreUnderTest): void {
  const { one, other, pass, textOf } = underTest;
  const { advance, begin } = advancing(underTest);

  describe('of which several were told, and one of them moved on within the grace, is advanced', () => {
    // The others may keep theirs over the newer one: each keeps what its own answer says, in the order they come in.
    const graceSeconds = 0.2;
    const soon = (name: string, from: number) => advance(name, from, { graceSeconds });
    const burst = async (name: string) => {
      await begin(name);
      expect(await one.advance(soon(name, 0))).toBe(1);
      expect(await other.advance(soon(name, 0))).toBe(1);
      expect(await one.advance(soon(name, 1))).toBe(2);
    };

    it('goes on from either, once, and the other one is told within the grace of that', async () => {
      for (const [name, kept, lost] of [
        ['burst-old', 1, 2],
        ['burst-new', 2, 1],
      ] as const) {
        await burst(name);
        await pass(graceSeconds);
        const asked = soon(name, kept);
        expect(await one.advance(asked)).toBe(3);
        expect(await other.advance(asked)).toBe(3);
        expect(await other.advance(soon(name, lost))).toBe(3);
        await pass(graceSeconds);
        for (const from of [0, 1, 2]) expect(await one.advance(soon(name, from))).toBe('stale');
        expect(await one.advance(soon(name, 3))).toBe(4);
      }
    });

    it('never from one that was left before several were told', async () => {
      await burst('burst-before');
      await pass(graceSeconds);
      const before = await textOf('advanced:{burst-before}');
      expect(await one.advance(soon('burst-before', 0))).toBe('stale');
      expect(await textOf('advanced:{burst-before}')).toBe(before);
    });

    it('never from one whose successor came after the grace', async () => {
      await begin('burst-late');
      for (const _time of [1, 2]) expect(await one.advance(soon('burst-late', 0))).toBe(1);
      await pass(graceSeconds);
      expect(await one.advance(soon('burst-late', 1))).toBe(2);
      await pass(graceSeconds);
      expect(await one.advance(soon('burst-late', 1))).toBe('stale');
    });

    it('from none that was reached longer ago than the grace, however busy it has been since', async () => {
      await burst('burst-busy');
      for (const from of [2, 3, 4]) {
        await pass(graceSeconds / 2);
        await one.advance(soon('burst-busy', from));
      }
      await pass(graceSeconds);
      expect(await one.advance(soon('burst-busy', 1))).toBe('stale');
    });

    it('and remembers that in a bounded size', async () => {
      await begin('burst-long');
      for (let from = 0; from < 99; from++) {
        for (const _time of [1, 2]) expect(await one.advance(advance('burst-long', from))).toBe(from + 1);
      }
      expect((await textOf('advanced:{burst-long}')).length).toBeLessThan(32 * 14 + 150);
    });
  });
}
