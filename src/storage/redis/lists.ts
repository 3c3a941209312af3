import type { EnlistTerms, ListEntry, ListPage, ListPart } from '../list.ts';
import { nameDue } from '../record-names.ts';
import { milliseconds } from './replies.ts';
import type { Scripts } from './scripts.ts';

/** A list is two sorted sets: the members by position, and by when they are due. */
export async function sendEnlist(scripts: Scripts, list: string, entries: readonly ListEntry[], terms: EnlistTerms) {
  const { ttlSeconds, onlyThere = false } = terms;
  if (entries.length === 0 || ttlSeconds <= 0) return;
  const text = JSON.stringify(
    entries.map(({ member, position, dueSeconds }) => [member, position, milliseconds(dueSeconds)]),
  );
  await scripts.enlist(...keysOf(list), milliseconds(ttlSeconds), onlyThere ? 'there' : 'all', text);
}

export async function sendUnlist(scripts: Scripts, list: string, members: readonly string[]): Promise<void> {
  if (members.length > 0) await scripts.unlist(...keysOf(list), JSON.stringify(members));
}

export async function sendReadList(scripts: Scripts, list: string, part: ListPart): Promise<ListPage> {
  const { from = 0, after, limit, dueLimit = 0 } = part;
  const place = [from, after?.position ?? '', after?.member ?? ''] as const;
  const [count, flat, dueCount, due] = await scripts.readList(...keysOf(list), ...place, limit, dueLimit);
  const entries = flat.flatMap((member, at) => (at % 2 ? [] : { member, position: Number(flat[at + 1]) }));
  return { count, entries, dueCount, due };
}

function keysOf(list: string): [byPosition: string, byDue: string] {
  return [list, nameDue(list)];
}
