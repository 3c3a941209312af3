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

  it('is of what was read before, once, and then of what is there', async () => {
    await store.write('counter:{seen}', JSON.stringify({ count: 7 }), 60);
    const outdated = { value: JSON.stringify({ count: 0 }) } as never;
    expect(await changeRecord(store, 'counter:{seen}', one, outdated)).toEqual({ count: 8 });
  });

  it('does not bring back what has ended, even while it was being changed', async () => {
    expect(await changeRecord(store, 'counter:{none}', one)).toBe('absent');
    await store.write('counter:{ended}', JSON.stringify({ count: 0 }), 60);
    const ended = { ...(await store.read('counter:{ended}')) } as never;
    await store.remove(['counter:{ended}']);
    expect(await changeRecord(store, 'counter:{ended}', one, ended)).toBe('absent');
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
