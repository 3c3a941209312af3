import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  allKept,
  asOneRequest,
  findHeld,
  forgetStored,
  holdLast,
  holdRemoval,
  holdWrite,
  keepMeanwhile,
  noteStored,
  whenKept,
} from '../../src/storage/index.ts';

describe('the records of one browser in one request', () => {
  /** What the store was told, in this order. */
  let done: string[];
  let failing: string | undefined;
  beforeEach(() => {
    done = [];
    failing = undefined;
  });

  const does = (what: string) => async () => {
    await new Promise(setImmediate);
    if (what === failing) throw new Error(`${what} refused`);
    done.push(what);
  };
  const write = (name: string, value = name) => holdWrite(name, value, does(`write ${value}`));
  const remove = (name: string) => holdRemoval(name, does(`remove ${name}`));
  const seen = (name: string) => findHeld(name)?.record?.value;

  it('are read as the request has written them, and written when it ends', async () => {
    await asOneRequest(async () => {
      await write('session');
      expect([seen('session'), done]).toEqual(['session', []]);
    });
    expect(done).toEqual(['write session']);
  });

  it('are written once, as they were last', async () => {
    await asOneRequest(async () => {
      await write('session', 'first');
      await write('session', 'second');
      expect(seen('session')).toBe('second');
    });
    expect(done).toEqual(['write second']);
  });

  it('are read once, and are gone once they are removed', async () => {
    await asOneRequest(async () => {
      expect(findHeld('flow')).toBeUndefined();
      noteStored('flow', { value: 'as it is' });
      expect(seen('flow')).toBe('as it is');
      await remove('flow');
      expect(findHeld('flow')).toEqual({ record: undefined, write: expect.any(Function) });
    });
    expect(done).toEqual(['remove flow']);
  });

  it('are read anew where they may have been changed meanwhile, and changed or removed last all the same', async () => {
    await asOneRequest(async () => {
      noteStored('session', { value: 'as it was' });
      forgetStored('session');
      forgetStored('never read');
      expect(findHeld('session')).toBeUndefined();
      await write('next');
      await write('session', 'renewed');
    });
    expect(done).toEqual(['write next', 'write renewed']);
  });

  it('have beside them what says that they are there, written when they are', async () => {
    await asOneRequest(async () => {
      await holdLast('index', does('write index'));
      await write('session');
    });
    expect(done).toEqual(['write session', 'write index']);
    done = [];
    failing = 'write session';
    const refused = asOneRequest(
      async () => {
        await holdLast('index', does('write index'));
        await write('session');
      },
      () => done.push('nothing is kept'),
    );
    await expect(refused).rejects.toThrow('write session refused');
    expect(done.splice(0)).toEqual(['nothing is kept']);
    await holdLast('index', does('write index'));
    expect(done).toEqual(['write index']);
  });

  it('go without a word when nobody but the request has seen them', async () => {
    await asOneRequest(async () => {
      await write('session');
      await remove('session');
    });
    expect(done).toEqual([]);
  });

  it.each<[string, () => Promise<void>, string]>([
    ['removed', () => remove('flow'), 'remove flow'],
    ['changed', () => write('flow', 'changed'), 'write changed'],
  ])('are %s when all that is new is kept, and not at all when some of it is not', async (_name, end, last) => {
    const step = async () => {
      noteStored('flow', { value: 'begun' });
      await end();
      await write('next');
      await keepMeanwhile(does('code')());
    };
    await asOneRequest(step);
    expect(done.slice(0, 2).sort()).toEqual(['code', 'write next']);
    expect(done.slice(2)).toEqual([last]);

    for (failing of ['write next', 'code']) {
      done = [];
      await expect(asOneRequest(step)).rejects.toThrow(`${failing} refused`);
      expect(done).not.toContain(last);
    }
  });

  it('are removed before they were read, too, and last', async () => {
    await asOneRequest(async () => {
      await remove('unread');
      await write('next');
    });
    expect(done).toEqual(['write next', 'remove unread']);
  });

  it('are removed once, however often that is asked for', async () => {
    await asOneRequest(async () => {
      await remove('unread');
      await remove('unread');
    });
    expect(done).toEqual(['remove unread']);
  });

  it('are written, too, where that is asked for while others are', async () => {
    await asOneRequest(() => holdLast('index', () => write('late')));
    expect(done).toEqual(['write late']);
  });

  it('come back when they are written after they were removed', async () => {
    await asOneRequest(async () => {
      noteStored('flow', { value: 'begun' });
      await remove('flow');
      await write('flow', 'again');
      expect(seen('flow')).toBe('again');
    });
    expect(done).toEqual(['write again']);
  });

  it('can be waited for within it, and what was written counts as stored from there on', async () => {
    await asOneRequest(async () => {
      await write('session');
      await allKept();
      expect([done, seen('session')]).toEqual([['write session'], 'session']);
      await remove('session');
    });
    expect(done).toEqual(['write session', 'remove session']);
  });

  it('are written although the request was refused: what it said of them is meant', async () => {
    const refused = asOneRequest(async () => {
      await write('session');
      throw new Error('refused');
    });
    await expect(refused).rejects.toThrow('refused');
    expect(done).toEqual(['write session']);
  });

  it('are of no other request, and outside of one everything is done at once', async () => {
    await asOneRequest(() => write('session'));
    await asOneRequest(async () => expect(findHeld('session')).toBeUndefined());
    done = [];
    await write('session');
    noteStored('session', { value: 'session' });
    expect([done, findHeld('session')]).toEqual([['write session'], undefined]);
    await remove('session');
    expect(done).toEqual(['write session', 'remove session']);
  });

  it('are written at once by whatever goes on in its name when it is over', async () => {
    const late = Promise.withResolvers<void>();
    let later: Promise<void> | undefined;
    await asOneRequest(async () => {
      later = late.promise.then(() => write('late'));
    });
    late.resolve();
    await later;
    expect(done).toEqual(['write late']);
  });

  it('are told of when all is kept, and never when something is not', async () => {
    const signIn = async () => {
      await write('session');
      whenKept(() => done.push('told'));
    };
    await asOneRequest(signIn);
    expect(done).toEqual(['write session', 'told']);
    failing = 'write session';
    done = [];
    await expect(asOneRequest(signIn)).rejects.toThrow('refused');
    expect(done).toEqual([]);
    whenKept(() => done.push('told at once'));
    expect(done).toEqual(['told at once']);
  });
});
