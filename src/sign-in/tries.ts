import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import type { Store } from '../storage/index.ts';

/**
 * So many slots for tries at one thing. Whoever tries has a slot for some seconds; a wrong try keeps it for as long as
 * failures are counted, any other gives it back, and one that never ends loses it by itself (R123). So however many try at
 * once, never more are wrong than there are slots.
 */
interface Tries {
  take(slotOf: (slot: number) => string, slots: number): Promise<Taken>;
}

export type Taken =
  /** Under `key`: to be removed by who gives several back at once. */
  | { readonly kind: 'taken'; readonly key: string; keep(): Promise<void> }
  | { readonly kind: 'full'; readonly secondsLeft: number }
  /** Full of tries that may yet turn out right. */
  | { readonly kind: 'busy' };

interface Parts {
  readonly store: Pick<Store, 'readMany' | 'write' | 'writeIfAbsent'>;
  readonly clock: Clock;
  readonly windowSeconds: number;
  /** How long others are waited for. */
  readonly patienceMs: number;
}

/** Longer than a password is worked on under load, and not so long that a person thinks of something else. */
const reservationSeconds = 15;
const pauseMs = 60;

interface Slot {
  readonly failed: boolean;
  readonly until: number;
}

export function createTries({ store, clock, windowSeconds, patienceMs }: Parts): Tries {
  const slot = (failed: boolean, seconds: number) =>
    JSON.stringify({ failed, until: clock.now() + seconds * 1000 } satisfies Slot);

  function taken(key: string): Taken {
    return {
      kind: 'taken',
      key,
      keep: () => store.write(key, slot(true, windowSeconds), windowSeconds),
    };
  }

  const takeSlot = async (key: string): Promise<Taken | 'lost'> =>
    (await store.writeIfAbsent(key, slot(false, reservationSeconds), reservationSeconds)) ? taken(key) : 'lost';

  /** Nearly always the first is free, without a look at the others; which one is chance, or a crowd would want the same. */
  async function takeAny(slotOf: (slot: number) => string, slots: number): Promise<Taken | 'lost'> {
    const first = await takeSlot(slotOf(randomInt(slots)));
    return first === 'lost' ? tryToTake(Array.from({ length: slots }, (_, slot) => slotOf(slot))) : first;
  }

  /** A slot that was free a moment ago. */
  async function tryToTake(keys: readonly string[]): Promise<Taken | 'lost'> {
    const records = await store.readMany(keys);
    const free = keys.filter((_key, index) => records[index] === undefined);
    const key = free[randomInt(Math.max(1, free.length))];
    if (key === undefined) return fullOf(records.map((record): Slot => JSON.parse(record?.value ?? '{}')));
    return takeSlot(key);
  }

  function fullOf(slots: readonly Slot[]): Taken {
    if (slots.some(({ failed }) => !failed)) return { kind: 'busy' };
    const soonest = Math.min(...slots.map(({ until }) => until));
    return { kind: 'full', secondsLeft: Math.max(1, Math.ceil((soonest - clock.now()) / 1000)) };
  }

  async function takeWithin(slotOf: (slot: number) => string, slots: number, giveUpAt: number): Promise<Taken> {
    const result = await takeAny(slotOf, slots);
    if (result !== 'lost' && result.kind !== 'busy') return result;
    if (performance.now() > giveUpAt) return { kind: 'busy' };
    if (result !== 'lost') await delay(pauseMs + randomInt(pauseMs));
    return takeWithin(slotOf, slots, giveUpAt);
  }

  return {
    take: (slotOf, slots) => takeWithin(slotOf, slots, performance.now() + patienceMs),
  };
}
