import type { Connection } from '../connections/index.ts';
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

/** A part of a list that may be long. */
export interface PageOf<T> {
  readonly items: readonly T[];
  /** Nothing when all there is fits on one page. */
  readonly paging?: Paging;
}

/** `?page=` of a URL, from 1; whatever else is written there is the first one. */
export function pageNumber(asked: unknown): number {
  const number = Number(asked);
  return Number.isSafeInteger(number) && number > 0 ? number : 1;
}

export function hrefOfPage(href: string, number: number): string {
  return number === 1 ? href : `${href}?page=${number}`;
}

/** The last page for a number beyond it: what was there may have ended meanwhile. */
export function pageOf<T>(all: readonly T[], asked: unknown, href: string): PageOf<T> {
  const last = Math.max(1, Math.ceil(all.length / pageSize));
  const number = Math.min(pageNumber(asked), last);
  const start = (number - 1) * pageSize;
  const items = all.slice(start, start + pageSize);
  if (last === 1) return { items };
  const [from, to, total] = [start + 1, start + items.length, all.length].map((each) => each.toLocaleString('en-GB'));
  return {
    items,
    paging: {
      words: `${from} to ${to} of ${total}, the newest first`,
      ...(number > 1 && { newerHref: hrefOfPage(href, number - 1) }),
      ...(number < last && { olderHref: hrefOfPage(href, number + 1) }),
    },
  };
}

/** In the order in which they were approved, which no use of them changes: nothing moves between pages while one reads. */
export function newestFirst<T extends { readonly connection: Connection }>(listed: readonly T[]): T[] {
  return listed.toSorted(({ connection: a }, { connection: b }) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1));
}
