import type { Store, StoredRecord } from '../storage/index.ts';

/** Of N writers at once one always wins, so N attempts are enough for N; more than this is not people and refreshes. */
const maxAttempts = 50;

/**
 * Applies a change to the newest record, again when somebody else was faster: nobody's change is lost, and what ended
 * meanwhile stays ended. Its lifetime stays as it is. Nothing when there is no such record.
 */
export async function updateRecord<T extends object>(
  store: Store,
  key: string,
  change: (value: T) => T,
  /** As it was read a moment ago; absent: it is read. */
  seen?: StoredRecord,
): Promise<T | undefined> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const record = (attempt === 0 && seen) || (await store.read(key));
    if (!record) return undefined;
    const changed = change(JSON.parse(record.value));
    const text = JSON.stringify(changed);
    if (text === record.value || (await store.compareAndSet(key, record.value, text))) return changed;
  }
  throw new Error('the record is being changed by too many at once');
}
