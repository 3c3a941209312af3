import type { Moment } from './pages.ts';

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** How long ago, as people say it; after a month the date. Times are seconds since the epoch. */
export function presentMoment(seconds: number, now = Math.floor(Date.now() / 1000)): Moment {
  return { words: wordsFor(seconds, now - seconds), iso: new Date(seconds * 1000).toISOString() };
}

/** How long somebody has to wait, as people say it. */
export function presentWait(seconds: number): string {
  if (seconds < minute) return 'in a few seconds';
  const minutes = Math.ceil(seconds / minute);
  return `in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`;
}

function wordsFor(seconds: number, age: number): string {
  if (age < 2 * minute) return 'just now';
  if (age < hour) return `${Math.floor(age / minute)} minutes ago`;
  if (age < day) return ago(Math.floor(age / hour), 'hour');
  if (age < 30 * day) return ago(Math.floor(age / day), 'day');
  // The reader's time zone is unknown here, and a month later a day more or less is none.
  const form = { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' } as const;
  return `on ${new Date(seconds * 1000).toLocaleDateString('en-GB', form)}`;
}

function ago(count: number, unit: string) {
  return `${count} ${unit}${count === 1 ? '' : 's'} ago`;
}
