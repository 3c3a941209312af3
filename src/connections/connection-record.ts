import { changeRecord, type Store } from '../storage/index.ts';

/** Applies a change to the newest record. Nothing when there is no such record. */
export async function updateRecord<T extends object>(
  store: Store,
  key: string,
  change: (value: T) => T,
): Promise<T | undefined> {
  const changed = await changeRecord(store, key, change);
  if (changed === 'lost') throw new Error('the record is being changed by too many at once');
  return changed === 'absent' ? undefined : changed;
}
