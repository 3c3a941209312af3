import { changeRecord, type Store, type StoredRecord } from '../storage/index.ts';

/** Applies a change to the newest record. Nothing when there is no such record. */
export async function updateRecord<T extends object>(
  store: Store,
  key: string,
  change: (value: T) => T,
  /** As it was read a moment ago; absent: it is read. */
  seen?: StoredRecord,
): Promise<T | undefined> {
  const changed = await changeRecord(store, key, change, seen);
  if (changed === 'lost') throw new Error('the record is being changed by too many at once');
  return changed === 'absent' ? undefined : changed;
}
