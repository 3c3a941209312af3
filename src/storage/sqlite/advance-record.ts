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
  if (last.nonce === nonce && from < last.generation) return last.generation;
  const isForgiven = wasLeftWithin(advance, last, now);
  if (!isForgiven && from < (last.sharedFrom ?? last.generation)) return 'stale';
  const spent = advance.limit && spentIn(last.asked, advance.limit, now);
  if (advance.limit && spent && isSpent(spent, advance.limit)) return waitFor(spent, advance.limit, now);
  if (isForgiven) return repeat(statements, key, { ...last, asked: spend(spent, 1) });
  return moveOn(statements, advance, { ...last, asked: spend(spent, repeatsPerStep) }, now);
}

function wasLeftWithin({ from, graceSeconds }: Advance, { generation, reached }: Advanced, now: number): boolean {
  const leftAt = reached[generation - from - 1];
  return leftAt !== undefined && now - leftAt < graceSeconds * 1000;
}

/** Whoever is told here got the newest as another did before. */
function repeat(statements: Statements, key: string, told: Advanced): number {
  const { generation, sharedFrom = generation, asked } = told;
  const isNews = asked !== undefined || told.sharedFrom === undefined;
  if (isNews) statements.mark.run({ key, mark: JSON.stringify({ ...told, sharedFrom } satisfies Advanced) });
  return generation;
}

function moveOn(statements: Statements, advance: Advance, last: Advanced, now: number): number {
  const { record: key, from, nonce, graceSeconds } = advance;
  const expiresAt = expiry(now, advance.ttlSeconds);
  const isRecent = (at: number) => now - at < graceSeconds * 1000;
  const mark = { ...nextOf(last, from, isRecent, now), nonce, asked: last.asked } satisfies Advanced;
  statements.renew.run({ key, mark: JSON.stringify(mark), expiresAt });
  for (const other of advance.extend) statements.extendRecord.run({ key: other, now, expiresAt });
  return mark.generation;
}

function nextOf(
  { generation, reached, sharedFrom }: Advanced,
  from: number,
  isRecent: (at: number) => boolean,
  now: number,
) {
  // Ahead of the record: the store lost the last step (a failover, a copy played back), as its holder proves.
  if (from > generation) return { generation: from + 1, reached: [now] };
  const next = generation + 1;
  const recent = reached.filter(isRecent).slice(0, rememberedGenerations - 1);
  // All that were as good as the newest are left now.
  if (recent.length === 0)
    return { generation: next, reached: Array<number>(next - (sharedFrom ?? generation)).fill(now) };
  // No longer than the grace: otherwise a stolen one would live for as long as its owner is busy.
  const oldest = next - recent.length;
  return { generation: next, reached: [now, ...recent], sharedFrom: sharedFrom && Math.max(sharedFrom, oldest) };
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
