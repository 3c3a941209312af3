import { describe, expect, it } from '@jest/globals';
import { createRecall } from '../src/recall.ts';

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
