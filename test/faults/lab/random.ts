export function createRandom(seed: number) {
  let state = seed >>> 0;
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  const pick = <T>(all: readonly T[]) => all[between(0, all.length - 1)] as T;
  return { between, pick, chance: (share: number) => next() < share };
}

/** The same moments and decisions again from the same seed, as far as several processes allow. */
export type Random = ReturnType<typeof createRandom>;
