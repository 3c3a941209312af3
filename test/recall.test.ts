import { describe, expect, it } from '@jest/globals';
import { createRecall, remember } from '../src/recall.ts';

describe('what a process has seen lately', () => {
  it('is the last that was said of each name', () => {
    const recall = createRecall<number>();
    recall.set('a', 1);
    recall.set('a', 2);
    expect([recall.get('a'), recall.get('b')]).toEqual([2, undefined]);
  });

  it('is bounded: what was not said again for the longest time is forgotten first', () => {
    const recall = createRecall<number>(2);
    recall.set('a', 1);
    recall.set('b', 1);
    recall.set('a', 2);
    recall.set('c', 1);
    expect(['a', 'b', 'c'].map(recall.get)).toEqual([2, undefined, 1]);
  });
});

describe('what is remembered of a text', () => {
  const made: string[] = [];
  const shout = remember((text) => {
    made.push(text);
    return text.toUpperCase();
  }, 2);

  it('is made once, and again when others came since', () => {
    expect(['a', 'a', 'b', 'c', 'a'].map(shout)).toEqual(['A', 'A', 'B', 'C', 'A']);
    expect(made).toEqual(['a', 'b', 'c', 'a']);
  });

  it('is nothing of a text that is longer than any of ours', () => {
    made.length = 0;
    const long = 'x'.repeat(501);
    expect([shout(long), shout(long)]).toEqual([long.toUpperCase(), long.toUpperCase()]);
    expect(made).toHaveLength(2);
  });
});
