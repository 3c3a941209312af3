import { beforeEach, describe, expect, it } from '@jest/globals';
import { memoize } from '../src/memoize.ts';

describe('what is made of a text', () => {
  const made: string[] = [];
  const make = (text: string) => {
    made.push(text);
    return text.toUpperCase();
  };
  beforeEach(() => {
    made.length = 0;
  });

  it('is made once', () => {
    const shout = memoize(make);
    expect(['a', 'b', 'a', 'b'].map(shout)).toEqual(['A', 'B', 'A', 'B']);
    expect(made).toEqual(['a', 'b']);
  });

  it('is made again when enough others came since, and not when it was asked for meanwhile', () => {
    const shout = memoize(make, 2);
    expect(['a', 'b', 'a', 'c', 'd', 'e', 'a', 'e'].map(shout)).toEqual(['A', 'B', 'A', 'C', 'D', 'E', 'A', 'E']);
    expect(made).toEqual(['a', 'b', 'c', 'd', 'e', 'a']);
  });

  it('is made each time of a text that is longer than any of ours', () => {
    const shout = memoize(make);
    const long = 'x'.repeat(501);
    expect([shout(long), shout(long)]).toEqual([long.toUpperCase(), long.toUpperCase()]);
    expect(made).toHaveLength(2);
  });
});
