import { describe, expect, it } from '@jest/globals';
import { createRecall, remember } from '../src/recall.ts';

describe('what a process has seen lately', () => {
  it('is the last that was said of each name', () => {
    const recall = createRecall<number>();
    recall.set('a', 1);
    recall.set('a', 2);
    expect([recall.get('a'), recall.get('b')]).toEqual([2, undefined]);
  });

  it('is bounded: of what was not said again the older half is forgotten', () => {
    const recall = createRecall<number>(4);
    for (const name of ['a', 'b', 'c', 'd', 'a', 'e']) recall.set(name, 1);
    expect(['a', 'b', 'c', 'd', 'e'].map(recall.get)).toEqual([1, undefined, 1, 1, 1]);
    for (let count = 0; count < 1000; count++) recall.set(`${count}`, count);
    const kept = Array.from({ length: 1000 }, (_, count) => recall.get(`${count}`)).filter(
      (value) => value !== undefined,
    );
    expect(kept.length).toBeLessThanOrEqual(4);
    expect(kept).toContain(999);
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
