import type { ConnectionPage } from '../connections/index.ts';
import type { Words } from '../messages/index.ts';
import type { Paging, RelativeTime } from './pages.ts';

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** How long ago, as people say it; after a month the date. Times are seconds since the epoch. */
export function relativeTime(seconds: number, now: number, words: Words): RelativeTime {
  return { words: wordsFor(seconds, now - seconds, words), iso: new Date(seconds * 1000).toISOString() };
}

/** That somebody has to wait who changed one connection very often, and how long. */
export function presentWait(seconds: number, { say }: Words): string {
  return seconds < minute ? say('change.often-moments') : say('change.often', { minutes: Math.ceil(seconds / minute) });
}

function wordsFor(seconds: number, age: number, { say, day: dayIn }: Words): string {
  if (age < 2 * minute) return say('when.just-now');
  if (age < hour) return say('when.minutes', { count: Math.floor(age / minute) });
  if (age < day) return say('when.hours', { count: Math.floor(age / hour) });
  if (age < 30 * day) return say('when.days', { count: Math.floor(age / day) });
  return say('when.on', { day: dayIn(seconds) });
}

export function dayOf(seconds: number, words: Words): RelativeTime {
  return { words: words.day(seconds), iso: new Date(seconds * 1000).toISOString() };
}

/** As many as somebody looks through; a page of them is some tens of kilobytes. */
export const pageSize = 50;

/** `?page=` of a URL, from 1; whatever else is written there is the first one. */
export function pageNumber(asked: unknown): number {
  const number = Number(asked);
  return Number.isSafeInteger(number) && number > 0 ? number : 1;
}

export function hrefOfPage(href: string, number: number): string {
  return number === 1 ? href : `${href}?page=${number}`;
}

/** Nothing when all there is fits on one page. */
export function presentPaging(
  { connections, number, total, isExact }: ConnectionPage,
  href: string,
  words: Words,
): Paging | undefined {
  const last = Math.ceil(total / pageSize);
  if (last <= 1) return undefined;
  const start = (number - 1) * pageSize;
  const values = {
    from: words.count(start + 1),
    to: words.count(start + connections.length),
    all: words.count(total),
  };
  return {
    words: words.say(isExact ? 'account.paging' : 'account.paging-about', values),
    ...(number > 1 && { newerHref: hrefOfPage(href, number - 1) }),
    ...(number < last && { olderHref: hrefOfPage(href, number + 1) }),
  };
}
