import { describe, expect, it } from '@jest/globals';
import {
  allKept,
  asOneRequest,
  createRequestReads,
  keepMeanwhile,
  type StoredRecord,
} from '../../src/storage/index.ts';

/** A write that ends when it is told to. */
const aWrite = () => Promise.withResolvers<void>();

describe('what a request writes without asking for an answer', () => {
  it('does not hold it up, and it is over when all is kept', async () => {
    const [first, second] = [aWrite(), aWrite()];
    const done: string[] = [];
    const answered = asOneRequest(async () => {
      await keepMeanwhile(first.promise);
      await keepMeanwhile(second.promise);
      done.push('went on');
    }).then(() => done.push('answered'));
    await new Promise(setImmediate);
    expect(done).toEqual(['went on']);
    first.resolve();
    await new Promise(setImmediate);
    expect(done).toEqual(['went on']);
    second.resolve();
    await answered;
    expect(done).toEqual(['went on', 'answered']);
  });

  it('fails the request when it fails, whenever that is', async () => {
    const write = aWrite();
    const early = asOneRequest(() => keepMeanwhile(Promise.reject(new Error('away'))));
    const late = asOneRequest(() => keepMeanwhile(write.promise));
    write.reject(new Error('gone'));
    await expect(early).rejects.toThrow('away');
    await expect(late).rejects.toThrow('gone');
  });

  it('can be waited for within it, and what is written afterwards counts as well', async () => {
    const [first, second] = [aWrite(), aWrite()];
    const request = asOneRequest(async () => {
      await keepMeanwhile(first.promise);
      const kept = allKept();
      await keepMeanwhile(second.promise);
      first.resolve();
      await kept;
    });
    second.reject(new Error('the second'));
    await expect(request).rejects.toThrow('the second');
  });

  it('leaves the error of the request what it is', async () => {
    const request = asOneRequest(async () => {
      await keepMeanwhile(Promise.reject(new Error('away')));
      throw new Error('refused');
    });
    await expect(request).rejects.toThrow('refused');
  });

  it('is waited for outside of a request', async () => {
    await expect(keepMeanwhile(Promise.reject(new Error('away')))).rejects.toThrow('away');
    await expect(keepMeanwhile(Promise.resolve())).resolves.toBeUndefined();
  });
});

describe('what a request reads', () => {
  function aStore() {
    const asked: (readonly string[])[] = [];
    let failing = false;
    const readMany = async (names: readonly string[]) => {
      asked.push(names);
      if (failing) throw new Error('away');
      return names.map((name): StoredRecord => ({ value: `${name} ${asked.length}` }));
    };
    return { asked, reads: createRequestReads({ readMany }), fail: () => (failing = true) };
  }
  const valuesOf = (records: readonly (StoredRecord | undefined)[]) => records.map((record) => record?.value);

  it('is read together with what is going to be asked for, which is served once', async () => {
    const { asked, reads } = aStore();
    await asOneRequest(async () => {
      expect(valuesOf(await reads.read(['flow'], ['client', 'session']))).toEqual(['flow 1']);
      expect(valuesOf(await reads.read(['session', 'client']))).toEqual(['session 1', 'client 1']);
      expect(valuesOf(await reads.read(['client']))).toEqual(['client 2']);
    });
    expect(asked).toEqual([['flow', 'client', 'session'], ['client']]);
  });

  it('is begun before it is asked for', async () => {
    const { asked, reads } = aStore();
    await asOneRequest(async () => {
      reads.ahead(['flow', 'client']);
      expect(valuesOf(await reads.read(['client']))).toEqual(['client 1']);
      // Half of it is there: all of it is read.
      expect(valuesOf(await reads.read(['flow', 'other']))).toEqual(['flow 2', 'other 2']);
    });
    expect(asked).toHaveLength(2);
  });

  it('is never older than what was read before in the same request', async () => {
    const { reads } = aStore();
    await asOneRequest(async () => {
      reads.ahead(['flow']);
      expect(valuesOf(await reads.read(['flow', 'other']))).toEqual(['flow 2', 'other 2']);
      expect(valuesOf(await reads.read(['flow']))).toEqual(['flow 3']);
    });
  });

  it('fails nobody who did not ask for what could not be read along with it', async () => {
    const readMany = async (names: readonly string[]) => {
      if (names.includes('away')) throw new Error('a node is away');
      return names.map((name): StoredRecord => ({ value: name }));
    };
    const reads = createRequestReads({ readMany });
    await asOneRequest(async () => {
      expect(valuesOf(await reads.read(['flow'], ['client', 'away']))).toEqual(['flow']);
      expect(valuesOf(await reads.read(['client']))).toEqual(['client']);
      reads.ahead(['session', 'away']);
      expect(valuesOf(await reads.read(['session']))).toEqual(['session']);
      await expect(reads.read(['away'])).rejects.toThrow('a node is away');
    });
  });

  it('is read anew once it is written, or once everything may have been', async () => {
    const { reads } = aStore();
    await asOneRequest(async () => {
      reads.ahead(['flow', 'client', 'session']);
      reads.forget(['flow']);
      expect(valuesOf(await reads.read(['flow']))).toEqual(['flow 2']);
      expect(valuesOf(await reads.read(['client']))).toEqual(['client 1']);
      reads.forget();
      expect(valuesOf(await reads.read(['session']))).toEqual(['session 3']);
    });
  });

  it('is of no other request', async () => {
    const { reads } = aStore();
    await asOneRequest(() => reads.ahead(['flow']));
    await asOneRequest(async () => expect(valuesOf(await reads.read(['flow']))).toEqual(['flow 2']));
    expect(valuesOf(await reads.read(['flow'], ['client']))).toEqual(['flow 3']);
  });

  it('fails who asks for it, and nobody where nobody does', async () => {
    const { reads, fail } = aStore();
    fail();
    await asOneRequest(() => reads.ahead(['flow']));
    await expect(
      asOneRequest(async () => {
        reads.ahead(['flow']);
        return reads.read(['flow']);
      }),
    ).rejects.toThrow('away');
  });
});
