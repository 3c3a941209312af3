import type { Count, FeedEntry, StoredRecord } from '../store.ts';

/** The mark of `take` or `advance`, and the text behind it. */
export function toRecord(text: string | null): StoredRecord | undefined {
  if (text === null) return undefined;
  if (text.startsWith('{')) return { value: text };
  const [mark = ''] = text.split(' ', 1);
  const value = text.slice(mark.length + 1);
  const [first = '', , times = ''] = mark.split(':');
  const number = Number(first.slice(1));
  if (first.startsWith('t')) return { value, takenAt: Math.floor(number / 1000) };
  return { value, progress: { generation: number, reachedAt: Math.floor(Number.parseInt(times, 10) / 1000) } };
}

/** The start, for no cursor and for one that another kind of store gave. */
export function streamId(cursor: string | undefined): string {
  return cursor !== undefined && /^\d{1,15}-\d{1,15}$/.test(cursor) ? cursor : '0-0';
}

export function toCount([count, msLeft]: [number, number]): Count {
  return { count, secondsLeft: Math.max(0, Math.ceil(msLeft / 1000)) };
}

export function toEntries(found: readonly [cursor: string, fields: [name: string, entry: string]][]): FeedEntry[] {
  return found.map(([cursor, [, entry]]) => ({ cursor, entry }));
}

/** Of the answer to TIME. */
export function toMilliseconds([seconds, microseconds]: readonly (string | number)[]): number {
  return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
}

/** Lifetimes are kept to the millisecond, so that a fraction of a second is not none. */
export function milliseconds(seconds: number): number {
  return Math.ceil(seconds * 1000);
}

/** In a cluster the keys of one command must share a slot; those with one hash tag do. */
export function groupsOf(keys: readonly string[], isCluster: boolean): (readonly string[])[] {
  if (keys.length === 0) return [];
  return isCluster ? [...Map.groupBy(keys, hashTag).values()] : [keys];
}

/** What decides on which node of a cluster a key lies. */
export function hashTag(key: string): string {
  return /\{([^}]+)\}/.exec(key)?.[1] ?? key;
}
