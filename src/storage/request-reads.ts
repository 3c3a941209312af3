import { presentRequest } from './present-request.ts';
import type { Store, StoredRecord } from './store.ts';
import { findHeld } from './unit-of-work.ts';

type Found = StoredRecord | undefined;

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
  function keep(ahead: Map<string, Promise<Found>>, names: readonly string[], read: Promise<Found[]>): void {
    for (const [index, name] of names.entries()) {
      const record = read.then((records) => records[index]);
      // Told to whoever asks for it, and perhaps nobody does.
      record.catch(() => undefined);
      ahead.set(name, record);
    }
  }

  /** Of a cluster the node of one record may be away, and those of all others there. */
  const readAlone = (names: readonly string[]) => () => store.readMany(names);

  return {
    async read(names, next = []) {
      const ahead = presentRequest()?.ahead;
      if (ahead && names.every((name) => ahead.has(name)))
        return Promise.all(names.map((name) => take(ahead, name))).catch(readAlone(names));
      // What is read now is newer.
      for (const name of names) ahead?.delete(name);
      if (!ahead || next.length === 0) return store.readMany(names);
      const read = store.readMany([...names, ...next]);
      keep(
        ahead,
        next,
        read.then((records) => records.slice(names.length)),
      );
      return (await read.catch(readAlone(names))).slice(0, names.length);
    },

    ahead(names) {
      const { ahead } = presentRequest() ?? {};
      const unread = names.filter((name) => !findHeld(name) && !ahead?.has(name));
      if (ahead && unread.length > 0) keep(ahead, unread, store.readMany(unread));
    },

    forget(names) {
      const ahead = presentRequest()?.ahead;
      if (!names) ahead?.clear();
      for (const name of names ?? []) ahead?.delete(name);
    },
  };
}

function take(ahead: Map<string, Promise<Found>>, name: string): Promise<Found> {
  const record = ahead.get(name) as Promise<Found>;
  ahead.delete(name);
  return record;
}
