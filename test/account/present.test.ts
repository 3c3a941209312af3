import { describe, expect, it } from '@jest/globals';
import { presentWait, relativeTime } from '../../src/account/present.ts';
import { createMessages } from '../../src/messages/index.ts';

const english = createMessages().for('en');
const now = Date.parse('2026-08-01T12:00:00Z') / 1000;
const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

describe('a time', () => {
  it.each([
    [-5, 'just now'],
    [0, 'just now'],
    [2 * minute - 1, 'just now'],
    [2 * minute, '2 minutes ago'],
    [hour - 1, '59 minutes ago'],
    [hour, '1 hour ago'],
    [day - 1, '23 hours ago'],
    [day, '1 day ago'],
    [30 * day - 1, '29 days ago'],
    [30 * day, 'on 2 July 2026'],
    [400 * day, 'on 27 June 2025'],
  ])('of %i seconds ago reads: %s', (age, words) => {
    expect(relativeTime(now - age, now, english).words).toBe(words);
  });

  it.each([
    [1, 'in a few seconds'],
    [59, 'in a few seconds'],
    [60, 'in 1 minute'],
    [61, 'in 2 minutes'],
    [3600, 'in 60 minutes'],
  ])('to come in %i seconds reads: %s', (seconds, words) => {
    expect(presentWait(seconds, english)).toContain(`; try again ${words}.`);
  });

  it('is exact for machines', () => {
    expect(relativeTime(now, now, english).iso).toBe('2026-08-01T12:00:00.000Z');
  });
});
