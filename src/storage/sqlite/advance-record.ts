import { type Advance, type AdvanceResult, rememberedGenerations, repeatsPerStep } from '../store.ts';
import { type Advanced, type Asked, advancedOf } from './marks.ts';
import { expiry, findRow } from './rows.ts';
import type { Statements } from './statements.ts';

type Limit = NonNullable<Advance['limit']>;

/** Within a transaction; the same rules as in advance.lua. */
export function advanceRecord(statements: Statements, advance: Advance, now: number): AdvanceResult {
  const { record: key, from, nonce } = advance;
  const row = findRow(statements, key, now);
  if (!row) return 'gone';
  const last = advancedOf(row.mark);
  if (last.nonce === nonce && from === last.generation - 1) return last.generation;
  if (from < last.generation && !isForgiven(last, advance, now)) return 'stale';
  const spent = advance.limit && spentIn(last.asked, advance.limit, now);
  if (advance.limit && spent && isSpent(spent, advance.limit)) return waitFor(spent, advance.limit, now);
  if (from < last.generation) return repeat(statements, key, { ...last, asked: spend(spent, 1) });
  return moveOn(statements, advance, { ...last, asked: spend(spent, repeatsPerStep) }, now);
}

function isForgiven({ generation, reached }: Advanced, { from, graceSeconds }: Advance, now: number): boolean {
  const leftAt = reached[generation - from - 1];
  return leftAt !== undefined && now - leftAt < graceSeconds * 1000;
}

/** Nothing but the count of a limit changes. */
function repeat(statements: Statements, key: string, counted: Advanced): number {
  if (counted.asked) statements.mark.run({ key, mark: JSON.stringify(counted) });
  return counted.generation;
}

function moveOn(
  statements: Statements,
  advance: Advance,
  { generation, reached, asked }: Advanced,
  now: number,
): number {
  const { record: key, from, nonce, graceSeconds } = advance;
  const isRecent = (at: number) => now - at < graceSeconds * 1000;
  // Ahead of the record: the store lost the last step (a failover, a copy played back), as its holder proves.
  const kept = from > generation ? [] : reached.filter(isRecent).slice(0, rememberedGenerations - 1);
  const mark: Advanced = { generation: from + 1, reached: [now, ...kept], nonce, asked };
  const expiresAt = expiry(now, advance.ttlSeconds);
  statements.renew.run({ key, mark: JSON.stringify(mark), expiresAt });
  for (const other of advance.extend) statements.extendRecord.run({ key: other, now, expiresAt });
  return mark.generation;
}

function spentIn(before: Asked | undefined, { windowSeconds }: Limit, now: number): Asked {
  const isOver = !before || now - before.since >= windowSeconds * 1000 || now < before.since;
  return isOver ? { count: 0, since: now } : before;
}

const isSpent = ({ count }: Asked, limit: Limit) => count >= limit.count * repeatsPerStep;

function spend(spent: Asked | undefined, cost: number): Asked | undefined {
  return spent && { ...spent, count: spent.count + cost };
}

function waitFor({ since }: Asked, { windowSeconds }: Limit, now: number): { readonly secondsLeft: number } {
  return { secondsLeft: Math.max(1, Math.ceil((since + windowSeconds * 1000 - now) / 1000)) };
}
