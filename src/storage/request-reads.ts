import { currentRequest, type ReadAhead } from './current-request.ts';
import type { Store, StoredRecord } from './store.ts';
import { findHeld } from './unit-of-work.ts';

type Found = StoredRecord | undefined;
type Ahead = Map<string, ReadAhead>;

/** Reads records for the request that is being answered; what was read along with others is served from memory, once. */
export interface RequestReads {
  /**
   * The records of these names, in their order. Those of `next` are read in the same step and kept for later in the request:
   * a guess, for want of which nothing fails.
   */
  read(names: readonly string[], next?: readonly string[]): Promise<Found[]>;
  /** Begins to read what this request is going to ask for. */
  ahead(names: readonly string[]): void;
  /** What was read ahead counts no more: the record is written, or without names, everything may have been meanwhile. */
  forget(names?: readonly string[]): void;
}

export function createRequestReads(store: Pick<Store, 'readMany'>): RequestReads {
  /** The records of these names, behind so many others. */
  function keep(ahead: Ahead, names: readonly string[], records: Promise<Found[]>, behind: number): void {
    // Told to whoever asks for one, and perhaps nobody does.
    records.catch(() => undefined);
    for (const [index, name] of names.entries()) ahead.set(name, { records, at: behind + index });
  }

  /** Of a cluster the node of one record may be away, and those of all others there. */
  const readAlone = (names: readonly string[]) => () => store.readMany(names);

  return {
    async read(names, next = []) {
      const ahead = currentRequest()?.ahead;
      if (ahead && names.every((name) => ahead.has(name)))
        return recordsOf(names.map((name) => take(ahead, name))).catch(readAlone(names));
      // What is read now is newer.
      for (const name of names) ahead?.delete(name);
      if (!ahead || next.length === 0) return store.readMany(names);
      const read = store.readMany([...names, ...next]);
      keep(ahead, next, read, names.length);
      return (await read.catch(readAlone(names))).slice(0, names.length);
    },

    ahead(names) {
      const { ahead } = currentRequest() ?? {};
      const unread = names.filter((name) => !findHeld(name) && !ahead?.has(name));
      if (ahead && unread.length > 0) keep(ahead, unread, store.readMany(unread), 0);
    },

    forget(names) {
      const ahead = currentRequest()?.ahead;
      if (!names) ahead?.clear();
      for (const name of names ?? []) ahead?.delete(name);
    },
  };
}

function take(ahead: Ahead, name: string): ReadAhead {
  const kept = ahead.get(name) as ReadAhead;
  ahead.delete(name);
  return kept;
}

async function recordsOf(kept: readonly ReadAhead[]): Promise<Found[]> {
  const found: Found[] = [];
  for (const { records, at } of kept) found.push((await records)[at]);
  return found;
}
