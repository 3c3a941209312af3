import { describe, expect, it } from '@jest/globals';
import { changeRecord, openStore } from '../../src/storage/index.ts';
import { shared } from '../support/shared.ts';
import { times } from './store-under-test.ts';

interface Counter {
  readonly count: number;
}

describe('a change of the newest record', () => {
  const store = shared(async () => openStore({ kind: 'sqlite', file: ':memory:' }, () => undefined));
  const one = (counter: Counter) => ({ count: counter.count + 1 });
  const countOf = async (key: string) => JSON.parse((await store.read(key))?.value ?? '{}').count;

  it('loses none of forty at once', async () => {
    await store.write('counter:{forty}', JSON.stringify({ count: 0 }), 60);
    const changed = await Promise.all(times(40, () => changeRecord(store, 'counter:{forty}', one)));
    expect(new Set(changed.map((each) => (each as Counter).count)).size).toBe(40);
    expect(await countOf('counter:{forty}')).toBe(40);
  });

  it('does not bring back what has ended, even while it was being changed', async () => {
    expect(await changeRecord(store, 'counter:{none}', one)).toBe('absent');
    await store.write('counter:{ended}', JSON.stringify({ count: 0 }), 60);
    const endsIt = (counter: Counter) => {
      ending = store.remove(['counter:{ended}']);
      return one(counter);
    };
    let ending: Promise<unknown> | undefined;
    const compareAndSet = async (...given: Parameters<typeof store.compareAndSet>) => {
      await ending;
      return store.compareAndSet(...given);
    };
    const read = (key: string) => store.read(key);
    expect(await changeRecord({ read, compareAndSet }, 'counter:{ended}', endsIt)).toBe('absent');
    expect(await store.read('counter:{ended}')).toBeUndefined();
  });

  it('is given up where somebody else is faster fifty times', async () => {
    let reads = 0;
    const busy = {
      async read() {
        reads += 1;
        return { value: JSON.stringify({ count: reads }) } as never;
      },
      compareAndSet: async () => false,
    };
    expect([await changeRecord(busy, 'counter:{busy}', one), reads]).toEqual(['lost', 50]);
  });

  it('of nothing writes nothing', async () => {
    const idle = { read: async () => ({ value: '{"count":1}' }) as never, compareAndSet: async () => false };
    expect(await changeRecord(idle, 'counter:{idle}', (counter: Counter) => counter)).toEqual({ count: 1 });
  });
});
