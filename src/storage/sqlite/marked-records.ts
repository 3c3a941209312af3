import type { StoredRecord, Take, TakeResult } from '../store.ts';
import { type Mark, parse } from './marks.ts';
import { expiry, findRow, type RecordRow } from './rows.ts';
import type { Statements } from './statements.ts';

export { advanceRecord } from './advance-record.ts';

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
