import {
  type Advance,
  type AdvanceResult,
  rememberedGenerations,
  type StoredRecord,
  type Take,
  type TakeResult,
} from '../store.ts';
import { expiry, findRow, type RecordRow } from './rows.ts';
import type { Statements } from './statements.ts';

/** What stands beside a record that was taken, or advanced; the same rules as in take.lua and advance.lua. Milliseconds. */
type Mark =
  | { readonly takenAt: number; readonly nonce: string }
  | { readonly generation: number; readonly reached: readonly number[]; readonly nonce: string };

export function toRecord({ value, mark }: RecordRow): StoredRecord {
  const parsed = parse(mark);
  if (!parsed) return { value };
  if ('takenAt' in parsed) return { value, takenAt: Math.floor(parsed.takenAt / 1000) };
  const [reachedAt = 0] = parsed.reached;
  return { value, progress: { generation: parsed.generation, reachedAt: Math.floor(reachedAt / 1000) } };
}

/** Within a transaction. */
export function takeRecord(statements: Statements, { record: key, nonce, along }: Take, now: number): TakeResult {
  const row = findRow(statements, key, now);
  if (!row) return 'gone';
  const mark = parse(row.mark);
  if (mark && 'takenAt' in mark) return mark.nonce === nonce ? 'taken' : Math.max(0, now - mark.takenAt) / 1000;
  if (along && !goAlong(statements, along, now)) return 'changed';
  statements.mark.run({ key, mark: JSON.stringify({ takenAt: now, nonce } satisfies Mark) });
  return 'taken';
}

/** Nothing, and false, when the record to replace is not what was read. */
function goAlong(statements: Statements, along: NonNullable<Take['along']>, now: number): boolean {
  const { replace, write, ttlSeconds } = along;
  const expiresAt = expiry(now, ttlSeconds);
  if (statements.compareAndSet.run({ ...replace, now }).changes === 0) return false;
  statements.extendRecord.run({ key: replace.key, now, expiresAt });
  if (write) statements.write.run({ key: write.key, value: write.value, expiresAt });
  return true;
}

/** Within a transaction. */
export function advanceRecord(statements: Statements, advance: Advance, now: number): AdvanceResult {
  const { record: key, from, graceSeconds, ttlSeconds, extend, nonce } = advance;
  const row = findRow(statements, key, now);
  if (!row) return 'gone';
  const parsed = parse(row.mark);
  const { generation, reached, nonce: last } = parsed && 'reached' in parsed ? parsed : untouched;
  const isRecent = (at: number | undefined) => at !== undefined && now - at < graceSeconds * 1000;
  if (from < generation) {
    const isRepeated = last === nonce && from === generation - 1;
    return isRepeated || isRecent(reached[generation - from - 1]) ? generation : 'stale';
  }
  // Ahead of the record: the store lost the last step (a failover, a copy played back), as its holder proves.
  const kept = from > generation ? [] : reached.filter(isRecent).slice(0, rememberedGenerations - 1);
  const mark: Mark = { generation: from + 1, reached: [now, ...kept], nonce };
  const expiresAt = expiry(now, ttlSeconds);
  statements.renew.run({ key, mark: JSON.stringify(mark), expiresAt });
  for (const other of extend) statements.extendRecord.run({ key: other, now, expiresAt });
  return mark.generation;
}

const untouched = { generation: 0, reached: [], nonce: '' } as const;

function parse(mark: string | null): Mark | undefined {
  return mark === null ? undefined : JSON.parse(mark);
}
