import type { Count, FeedEntry } from '../store.ts';
import type { Statements } from './statements.ts';

export interface RecordRow {
  readonly value: string;
  /** Of `take` or `advance`. */
  readonly mark: string | null;
}

export interface CountRow {
  readonly count: number;
  readonly expiresAt: number;
}

export function findRow({ read }: Statements, key: string, now: number): RecordRow | undefined {
  return read.get({ key, now }) as RecordRow | undefined;
}

export function findEntries(
  { readFeed }: Statements,
  feed: string,
  after: string | undefined,
  limit: number,
  now: number,
): FeedEntry[] {
  const rows = readFeed.all({ feed, after: idOf(after), now, limit });
  return rows.map(({ id, entry }) => ({ cursor: String(id), entry: String(entry) }));
}

/** The start, for no cursor and for one that another kind of store gave. */
function idOf(cursor: string | undefined): number {
  return cursor !== undefined && /^\d{1,16}$/.test(cursor) ? Number(cursor) : 0;
}

export function isNothing(ttlSeconds: number | undefined): boolean {
  return ttlSeconds !== undefined && ttlSeconds <= 0;
}

export function expiry(nowMs: number, ttlSeconds: number): number;
export function expiry(nowMs: number, ttlSeconds: number | undefined): number | null;
export function expiry(nowMs: number, ttlSeconds: number | undefined): number | null {
  return ttlSeconds === undefined ? null : nowMs + Math.ceil(ttlSeconds * 1000);
}

export function toCount({ count, expiresAt }: CountRow, nowMs: number): Count {
  return { count, secondsLeft: Math.max(0, Math.ceil((expiresAt - nowMs) / 1000)) };
}
