import { describe, expect, it } from '@jest/globals';
import { type Advance, rememberedGenerations, repeatsPerStep } from '../../src/storage/store.ts';
import { rounds, type StoreUnderTest, times } from './store-under-test.ts';

const value = '{"is":"advanced"}';

/** Records that are moved on, generation by generation. Keys share a tag, as the port demands. */
function advancing({ one, other }: StoreUnderTest) {
  let nonces = 0;
  const advance = (name: string, from: number, changes: Partial<Advance> = {}): Advance => {
    nonces += 1;
    const record = `advanced:{${name}}`;
    const nonce = `nonce-${nonces}`;
    return { record, from, graceSeconds: 60, ttlSeconds: 100, extend: [`companion:{${name}}`], nonce, ...changes };
  };
  const begin = async (name: string, generation = 0) => {
    await one.write(`advanced:{${name}}`, value, 50);
    await one.write(`companion:{${name}}`, '{}', 10);
    for (let from = 0; from < generation; from++) await one.advance(advance(name, from));
  };
  const generationOf = async (name: string) => (await other.read(`advanced:{${name}}`))?.progress?.generation ?? 0;
  return { advance, begin, generationOf };
}

/** Moving a record on, generation by generation. */
export function advancePromises(underTest: StoreUnderTest): void {
  const { one, other, expectLifetime, pass, textOf } = underTest;
  const { advance, begin, generationOf } = advancing(underTest);

  describe('advances', () => {
    it('from one generation to the next, for whoever holds the newest', async () => {
      await begin('newest');
      const before = await one.now();
      expect(await one.advance(advance('newest', 0))).toBe(1);
      expect(await other.advance(advance('newest', 1))).toBe(2);
      const record = await one.read('advanced:{newest}');
      expect(record).toEqual({ value, progress: { generation: 2, reachedAt: expect.any(Number) } });
      expect(record?.progress?.reachedAt).toBeGreaterThanOrEqual(Math.floor(before / 1000));
      expect(record?.progress?.reachedAt).toBeLessThanOrEqual((await one.now()) / 1000);
    });

    it('and tells the newest to who left one within the grace, writing once that several were told', async () => {
      await begin('grace', 3);
      expect(await one.advance(advance('grace', 0))).toBe(3);
      const before = await textOf('advanced:{grace}');
      for (const from of [0, 1, 2]) expect(await other.advance(advance('grace', from))).toBe(3);
      expect(await textOf('advanced:{grace}')).toBe(before);
      expect(await one.read('companion:{grace}')).toBeDefined();
    });

    it('no more for a generation that was left longer ago than the grace, however young the newest is', async () => {
      await begin('late');
      const graceSeconds = 0.5;
      await one.advance(advance('late', 0, { graceSeconds }));
      await pass(graceSeconds);
      expect(await one.advance(advance('late', 1, { graceSeconds: 60 }))).toBe(2);
      const before = await textOf('advanced:{late}');
      expect(await one.advance(advance('late', 0, { graceSeconds }))).toBe('stale');
      expect(await textOf('advanced:{late}')).toBe(before);
      expect(await one.advance(advance('late', 1, { graceSeconds: 60 }))).toBe(2);
    });

    it('with the newest one to which all within the grace led, not only the next', async () => {
      await begin('chain', 1);
      await pass(0.05);
      for (const from of [1, 2, 3]) await one.advance(advance('chain', from));
      expect(await one.advance(advance('chain', 0))).toBe(4);
    });

    it(`and remembers ${rememberedGenerations} generations, so that a record has a bounded size`, async () => {
      await begin('many', rememberedGenerations);
      const size = (await textOf('advanced:{many}')).length;
      for (let from = rememberedGenerations; from < 99; from++) await one.advance(advance('many', from));
      const oldest = 99 - rememberedGenerations;
      expect(await one.advance(advance('many', oldest))).toBe(99);
      expect(await one.advance(advance('many', oldest - 1))).toBe('stale');
      expect((await textOf('advanced:{many}')).length).toBeLessThan(size + 24);
    });

    it('and forgets generations that no grace covers any more', async () => {
      const graceSeconds = 0.1;
      await begin('short');
      await one.advance(advance('short', 0, { graceSeconds }));
      const size = (await textOf('advanced:{short}')).length;
      await pass(graceSeconds);
      await one.advance(advance('short', 1, { graceSeconds }));
      expect((await textOf('advanced:{short}')).length).toBeLessThan(size + 8);
    });

    it('for who is ahead of the record: the store was played back from a copy', async () => {
      await begin('restored', 2);
      expect(await one.advance(advance('restored', 5))).toBe(6);
      expect(await one.advance(advance('restored', 5))).toBe(6);
      expect(await one.advance(advance('restored', 2))).toBe('stale');
    });

    it('once for one nonce, which is told so again when its answer was lost, even without a grace', async () => {
      await begin('repeated');
      const asked = advance('repeated', 0, { graceSeconds: 0 });
      expect(await one.advance(asked)).toBe(1);
      const before = await textOf('advanced:{repeated}');
      expect(await other.advance(asked)).toBe(1);
      expect(await textOf('advanced:{repeated}')).toBe(before);
      expect(await one.advance(advance('repeated', 0, { graceSeconds: 0 }))).toBe('stale');
    });

    it('nothing that is gone, and brings nothing back', async () => {
      expect(await one.advance(advance('gone', 0))).toBe('gone');
      expect(await one.read('advanced:{gone}')).toBeUndefined();
    });

    it('once, of two that hold the same one at the same moment without a grace, in fifty rounds', async () => {
      for (const round of times(rounds, String)) {
        await begin(`two-${round}`);
        const ask = (store: typeof one) => store.advance(advance(`two-${round}`, 0, { graceSeconds: 0 }));
        expect((await Promise.all([ask(one), ask(other)])).sort()).toEqual([1, 'stale']);
      }
    });

    it('to one generation, however many of twenty ask within the grace, in fifty rounds', async () => {
      for (const round of times(rounds, String)) {
        await begin(`raced-${round}`);
        const ask = (n: number) => (n % 2 ? one : other).advance(advance(`raced-${round}`, 0));
        expect(await Promise.all(times(20, ask))).toEqual(times(20, () => 1));
        expect(await generationOf(`raced-${round}`)).toBe(1);
      }
    });

    it('and keeps its generation when its value is changed', async () => {
      await begin('changed', 2);
      expect(await one.compareAndSet('advanced:{changed}', value, '{"n":2}')).toBe(true);
      expect(await one.read('advanced:{changed}')).toMatchObject({ value: '{"n":2}', progress: { generation: 2 } });
      expect(await one.advance(advance('changed', 2))).toBe(3);
    });
  });

  describe('with a limit', () => {
    const limit = { count: 3, windowSeconds: 2 };
    const generous = { count: 3, windowSeconds: 100 };

    it('is advanced so many times, whoever asks, and afterwards says for how long no more, and changes nothing', async () => {
      await begin('limited');
      for (const from of [0, 1, 2])
        await (from % 2 ? one : other).advance(advance('limited', from, { limit: generous }));
      const before = await textOf('advanced:{limited}');
      const refused = await one.advance(advance('limited', 3, { limit: generous }));
      expect(refused).toEqual({ secondsLeft: expect.any(Number) });
      expect((refused as { secondsLeft: number }).secondsLeft).toBeGreaterThan(98);
      expect(await textOf('advanced:{limited}')).toBe(before);
    });

    it(`counts ${repeatsPerStep} answers within the grace as one more, but none that was lost`, async () => {
      await begin('forgiven');
      const asked = advance('forgiven', 0, { limit: generous });
      expect(await one.advance(asked)).toBe(1);
      const before = await textOf('advanced:{forgiven}');
      for (const _time of times(5, String)) expect(await one.advance(asked)).toBe(1);
      expect(await textOf('advanced:{forgiven}')).toBe(before);
      const repeats = times(2 * repeatsPerStep, () => advance('forgiven', 0, { limit: generous }));
      for (const repeat of repeats) expect(await one.advance(repeat)).toBe(1);
      for (const from of [0, 1]) {
        const refused = await one.advance(advance('forgiven', from, { limit: generous }));
        expect(refused).toEqual({ secondsLeft: expect.any(Number) });
      }
    });

    it('says of reuse that it is reuse, however often it was asked', async () => {
      await begin('reused');
      for (const from of [0, 1, 2]) await one.advance(advance('reused', from, { limit: generous }));
      expect(await one.advance(advance('reused', 0, { limit: generous, graceSeconds: 0 }))).toBe('stale');
    });

    it('is advanced again when its time is over, from a count of none', async () => {
      await begin('over');
      for (const from of [0, 1, 2]) await one.advance(advance('over', from, { limit }));
      expect(await one.advance(advance('over', 3, { limit }))).toEqual({ secondsLeft: expect.any(Number) });
      await pass(limit.windowSeconds);
      expect(await one.advance(advance('over', 3, { limit }))).toBe(4);
      for (const from of [4, 5]) expect(await one.advance(advance('over', from, { limit: generous }))).toBe(from + 1);
      expect(await one.advance(advance('over', 6, { limit: generous }))).toEqual({ secondsLeft: expect.any(Number) });
    });

    it('lets no more of a crowd through that asks at once, in fifty rounds, and keeps its lifetime', async () => {
      const once = { count: 1, windowSeconds: 100 };
      for (const round of times(rounds, String)) {
        await begin(`crowd-${round}`);
        const ask = (n: number) => (n % 2 ? one : other).advance(advance(`crowd-${round}`, n, { limit: once }));
        const answers = await Promise.all(times(5, ask));
        expect(answers.filter((answer) => typeof answer === 'number')).toHaveLength(1);
      }
      await begin('kept', 1);
      await one.advance(advance('kept', 0, { limit: once, ttlSeconds: 5 }));
      await expectLifetime('advanced:{kept}', 100);
    });
  });

  describe('lives, when it is advanced,', () => {
    it.each([
      ['as long as was asked for', 'advanced', 100, 100],
      ['as long as was asked for, be it shorter', 'advanced', 20, 20],
      ['with a companion that lives as long', 'companion', 100, 100],
      ['with a companion that never lives shorter than before', 'companion', 5, 10],
    ])('%s', async (name, kind, ttlSeconds, expected) => {
      const tag = name.replaceAll(' ', '-');
      await begin(tag);
      await one.advance(advance(tag, 0, { ttlSeconds }));
      await expectLifetime(`${kind}:{${tag}}`, expected);
    });

    it('with no companion where there is none, and revives none', async () => {
      await begin('alone');
      await one.remove(['companion:{alone}']);
      expect(await one.advance(advance('alone', 0))).toBe(1);
      expect(await one.advance(advance('alone', 1, { extend: [] }))).toBe(2);
      expect(await one.read('companion:{alone}')).toBeUndefined();
    });
  });
}

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
