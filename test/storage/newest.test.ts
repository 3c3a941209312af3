import { describe, expect, it } from '@jest/globals';
import { createNewest, openStore, type Store } from '../../src/storage/index.ts';
import { closing } from '../support/closing.ts';
import { fresh } from '../support/shared.ts';
import { times } from './store-under-test.ts';

const openMemory = () => closing(openStore({ kind: 'sqlite', file: ':memory:' }, () => undefined));

describe.each([5, 250])('a ring of %i slots', (slots) => {
  const store = fresh(openMemory);

  const slot = (number: number) => `place:{${number}}`;
  /** Of one process. */
  const createRing = () => createNewest({ store, counter: 'ring', slot, slots });
  const kept = async () => {
    const records = await store.readMany(times(slots + 5, slot));
    return records.flatMap((record) => (record ? [JSON.parse(record.value).entry as string] : []));
  };

  it('keeps the newest of one process, and answers what went, the oldest first', async () => {
    const ring = createRing();
    const gone: (string | undefined)[] = [];
    for (const entry of times(3 * slots, String)) gone.push((await ring.add(entry, 60))?.entry);
    expect(gone).toEqual([...times(slots, () => undefined), ...times(2 * slots, String)]);
    expect(new Set(await kept())).toEqual(new Set(times(slots, (index) => String(2 * slots + index))));
  });

  it('keeps no more when several processes add at once, and loses sight of none', async () => {
    const rings = times(3, createRing);
    const entries = times(4 * slots, (index) => `entry ${index}`);
    const added = await Promise.all(entries.map((entry, index) => rings[index % 3]?.add(entry, 60)));
    const gone = added.map((pushedOut) => pushedOut?.entry);
    const left = await kept();
    expect(left.length).toBeLessThanOrEqual(slots);
    expect([...left, ...gone.filter((entry) => entry !== undefined)].sort()).toEqual(entries.sort());
  });
});

it('tells of what was pushed out what was noted of it, in a form that versions before understand', async () => {
  await using store = openMemory();
  const ring = createNewest({ store, counter: 'ring', slot: String, slots: 1 });
  await ring.add('a', 60, 'of a');
  expect(JSON.parse((await store.read('0'))?.value ?? '')).toEqual({ entry: 'a', note: 'of a' });
  expect(await ring.add('b', 60)).toEqual({ entry: 'a', note: 'of a' });
  expect(await ring.add('c', 60)).toEqual({ entry: 'b' });
});

it('asks for a slot again after the store was away', async () => {
  await using store = openMemory();
  let isAway = true;
  const count: Store['count'] = (...asked) => (isAway ? Promise.reject(new Error('away')) : store.count(...asked));
  const away = { count, exchange: store.exchange.bind(store) };
  const ring = createNewest({ store: away, counter: 'ring', slot: String, slots: 300 });
  await expect(ring.add('a', 60)).rejects.toThrow('away');
  isAway = false;
  expect(await ring.add('b', 60)).toBeUndefined();
});
