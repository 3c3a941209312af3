import { describe, expect, it } from '@jest/globals';
import { createSemaphore } from '../src/semaphore.ts';

/** Work that ends when it is told to, and says whether it has begun. */
function createWork(name: string, begun: string[]) {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const work = () => {
    begun.push(name);
    return promise;
  };
  return { work, end: () => resolve(name), fail: () => reject(new Error(name)) };
}

describe('a semaphore', () => {
  it('lets so many work at once, and the others in the order in which they came', async () => {
    const semaphore = createSemaphore(2);
    const begun: string[] = [];
    const works = ['a', 'b', 'c', 'd'].map((name) => createWork(name, begun));
    const done = works.map(({ work }) => semaphore(work));
    await Promise.resolve();
    expect(begun).toEqual(['a', 'b']);

    works[1]?.end();
    expect(await done[1]).toBe('b');
    await Promise.resolve();
    expect(begun).toEqual(['a', 'b', 'c']);

    for (const { end } of works) end();
    expect(await Promise.all(done)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('goes on after work that failed, whose caller is told', async () => {
    const semaphore = createSemaphore(1);
    const begun: string[] = [];
    const [first, second] = [createWork('first', begun), createWork('second', begun)];
    const failing = semaphore(first.work);
    const following = semaphore(second.work);
    first.fail();
    second.end();
    await expect(failing).rejects.toThrow('first');
    expect(await following).toBe('second');
  });
});
