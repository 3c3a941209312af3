import type { ConnectionPage } from '../connections/index.ts';
import type { Paging, RelativeTime } from './pages.ts';

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** How long ago, as people say it; after a month the date. Times are seconds since the epoch. */
export function relativeTime(seconds: number, now: number): RelativeTime {
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
  return `on ${dayOf(seconds).words}`;
}

/** The reader's time zone is unknown here, and a month earlier or later a day more or less is none. */
export function dayOf(seconds: number): RelativeTime {
  const form = { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' } as const;
  const date = new Date(seconds * 1000);
  return { words: date.toLocaleDateString('en-GB', form), iso: date.toISOString() };
}

function ago(count: number, unit: string) {
  return `${count} ${unit}${count === 1 ? '' : 's'} ago`;
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
): Paging | undefined {
  const last = Math.ceil(total / pageSize);
  if (last <= 1) return undefined;
  const start = (number - 1) * pageSize;
  const [from, to, all] = [start + 1, start + connections.length, total].map((each) => each.toLocaleString('en-GB'));
  return {
    words: `${from} to ${to} of ${isExact ? '' : 'about '}${all}, the newest first`,
    ...(number > 1 && { newerHref: hrefOfPage(href, number - 1) }),
    ...(number < last && { olderHref: hrefOfPage(href, number + 1) }),
  };
}
