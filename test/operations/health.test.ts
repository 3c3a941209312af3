import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createClock } from '../../src/clock.ts';
import { createHealth, type Event, type Events, type Health } from '../../src/operations/index.ts';
import { eventually } from '../support/eventually.ts';

/** A store that is what the test says, looked at by a process whose time passes as the test says. */
let now: number;
let isWritable: boolean;
let writes: number;
/** For how long the store thinks about the time, and how far its clock is ahead. */
let [thinksMs, aheadMs]: [number, number] = [0, 0];
let events: Event[];
let health: Health;

beforeEach(() => {
  [now, isWritable, writes, events] = [0, true, 0, []];
  [thinksMs, aheadMs] = [0, 0];
  jest.spyOn(performance, 'now').mockImplementation(() => now);
  health = createHealth({
    clock: createClock(() => now),
    events: { emit: (event: Event) => void events.push(event) } as Events,
    async write() {
      writes += 1;
      if (!isWritable) throw new Error('READONLY');
    },
    async storeNow() {
      const theirs = now + aheadMs;
      now += thinksMs;
      return theirs;
    },
    memory: async () => undefined,
  });
});
afterEach(() => {
  health.close();
  jest.restoreAllMocks();
});

async function look(writable: boolean): Promise<string | undefined> {
  isWritable = writable;
  now += 1000;
  return health.check();
}
const said = () => events.map(({ event }) => event);

describe('a store that cannot be written (R115)', () => {
  it('is said once an outage, however often it is looked at, and once more when it heals', async () => {
    for (const isWell of [true, false, false, false, true, true, false, false, true]) {
      expect((await look(isWell)) === undefined).toBe(isWell);
    }

    expect(said()).toEqual(['store', 'store.back', 'store', 'store.back']);
  });

  it('is looked at once for all who ask within a moment', async () => {
    await Promise.all([look(false), health.check(), health.check()]);
    now += 199;
    await health.check();
    expect(writes).toBe(1);

    now += 2;
    await health.check();
    expect(writes).toBe(2);
  });

  it('is looked at as soon as something went wrong elsewhere, and not again for each of them', async () => {
    isWritable = false;
    now += 1000;
    for (let n = 0; n < 100; n += 1) health.suspect();
    expect(writes).toBe(1);
    await health.check();
    for (let n = 0; n < 100; n += 1) health.suspect();

    expect([writes, said()]).toEqual([1, ['store']]);
  });

  it('is looked at by itself until it has healed, so that whoever waits for that is told', async () => {
    await look(false);
    isWritable = true;
    now += 1000;

    await eventually(() => said().includes('store.back'));
  });

  it('is nothing to tell of once the process has closed it itself', async () => {
    health.close();
    await look(false);

    expect(said()).toEqual([]);
  });
});

describe('the clock of the store (R124)', () => {
  it('is not called wrong because its answer was slow', async () => {
    thinksMs = 60_000;
    expect(await look(true)).toBeUndefined();
    aheadMs = 60_000;
    expect(await look(true)).toBeUndefined();

    expect(said()).toEqual([]);
  });
});
