import type { EnlistTerms, ListEntry, ListPage, ListPart } from '../list.ts';
import { expiry } from './rows.ts';
import type { Statements } from './statements.ts';

/** To be run in a transaction. */
export function enlist(
  statements: Statements,
  list: string,
  entries: readonly ListEntry[],
  { ttlSeconds, onlyThere = false }: EnlistTerms,
  now: number,
): void {
  if (ttlSeconds <= 0) return;
  for (const { member, position, dueSeconds } of entries) {
    const due = Math.max(0, dueSeconds);
    const times = { dueAt: expiry(now, due), expiresAt: expiry(now, due + ttlSeconds) };
    if (onlyThere) statements.postpone.run({ list, member, position, ...times, now });
    else statements.enlist.run({ list, member, position, ...times });
  }
}

export function readList(statements: Statements, list: string, part: ListPart, now: number): ListPage {
  const { from = 0, after, limit, dueLimit = 0 } = part;
  const { position, member } = after ?? {};
  const rows =
    position === undefined || member === undefined
      ? statements.readListFrom.all({ list, now, limit, from })
      : statements.readListAfter.all({ list, now, limit, position, member });
  return {
    count: Number(statements.countListed.get({ list })?.count ?? 0),
    entries: rows.map((row) => ({ member: String(row.member), position: Number(row.position) })),
    dueCount: Number(statements.countDue.get({ list, now })?.count),
    due: statements.readDue.all({ list, now, limit: dueLimit }).map((row) => String(row.member)),
  };
}
