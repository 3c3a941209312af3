import { AsyncLocalStorage } from 'node:async_hooks';
import type { StoredRecord } from './store.ts';

type Found = StoredRecord | undefined;

/** What is known of a request while it is answered, and forgotten with it. Most need some of it only. */
export class OneRequest {
  isOver = false;
  /** Something new could not be kept. */
  isUnkept = false;
  /** What it has waited for the store so far; what was waited for at the same time, `until` then, counts once. */
  readonly waited = { ms: 0, until: 0 };
  #unit: UnitOfWork | undefined;
  #ahead: Map<string, ReadAhead> | undefined;

  get unit(): UnitOfWork {
    this.#unit ??= { written: [], held: new Map(), stored: new Map(), tidings: [] };
    return this.#unit;
  }

  /** Whether it has written, or is going to. */
  get hasUnit(): boolean {
    return this.#unit !== undefined;
  }

  /** Read already, by name. */
  get ahead(): Map<string, ReadAhead> {
    this.#ahead ??= new Map();
    return this.#ahead;
  }
}

/** One of several records that are read in one step. */
export interface ReadAhead {
  readonly records: Promise<readonly Found[]>;
  readonly at: number;
}

/** What it does to the store (unit-of-work.ts). */
export interface UnitOfWork {
  /** Under way: written without waiting for it. */
  readonly written: Promise<unknown>[];
  /** To be written when it ends, by name. */
  readonly held: Map<string, Held>;
  /** What is in the store, by name, and as what it was read; without that it is to be read anew. */
  readonly stored: Map<string, Found>;
  /** To be told when all is kept. */
  readonly tidings: (() => void)[];
}

interface Held {
  /** As this request finds it; absent: it is gone. */
  readonly record: Found;
  readonly write: () => Promise<unknown>;
}

const requests = new AsyncLocalStorage<OneRequest>();

/** Nothing once it is over: what goes on in its name then is nobody's to wait for. */
export function currentRequest(): OneRequest | undefined {
  const request = requests.getStore();
  return request?.isOver ? undefined : request;
}

export const runRequest = <T>(request: OneRequest, work: () => Promise<T>): Promise<T> => requests.run(request, work);
