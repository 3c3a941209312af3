import type { Store } from './store.ts';

/** Of N writers at once one always wins, so N attempts are enough for N; more than this are no people and no refreshes. */
const maxAttempts = 50;

/** Tries again for as long as somebody else was faster; `'lost'` when that was so each time. */
export async function untilWritten<T>(attempt: () => Promise<T | 'lost'>): Promise<T | 'lost'> {
  for (let count = 0; count < maxAttempts; count++) {
    const outcome = await attempt();
    if (outcome !== 'lost') return outcome;
  }
  return 'lost';
}

/**
 * Applies a change to the newest record, again when somebody else was faster: nobody's change is lost, and what ended
 * meanwhile stays ended. Its lifetime stays as it is.
 */
export function changeRecord<T extends object>(
  store: Pick<Store, 'read' | 'compareAndSet'>,
  key: string,
  change: (value: T) => T,
): Promise<T | 'absent' | 'lost'> {
  return untilWritten(async () => {
    const record = await store.read(key);
    if (!record) return 'absent';
    const changed = change(JSON.parse(record.value));
    const text = JSON.stringify(changed);
    const isWritten = text === record.value || (await store.compareAndSet(key, record.value, text));
    return isWritten ? changed : 'lost';
  });
}
