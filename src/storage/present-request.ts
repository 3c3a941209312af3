import { AsyncLocalStorage } from 'node:async_hooks';
import type { StoredRecord } from './store.ts';

type Found = StoredRecord | undefined;

/** What is known of a request while it is answered, and forgotten with it. */
export interface OneRequest {
  isOver: boolean;
  /** Something new could not be kept. */
  isUnkept: boolean;
  /** What it has waited for the store so far. */
  readonly waited: {
    ms: number;
    /** What was waited for at the same time counts once. */
    until: number;
  };
  /** Under way: written without waiting for it. */
  readonly written: Promise<unknown>[];
  /** Read already, by name. */
  readonly ahead: Map<string, Promise<Found>>;
  /** To be written when it ends, by name (unit-of-work.ts). */
  readonly held: Map<string, Held>;
  /** What is in the store, by name, and as what it was read; without that it is to be read anew. */
  readonly stored: Map<string, Found>;
  /** Keyed hashes that it has asked for. */
  readonly hashes: Map<string, string>;
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
export function presentRequest(): OneRequest | undefined {
  const request = requests.getStore();
  return request?.isOver ? undefined : request;
}

export function runRequest<T>(work: (request: OneRequest) => Promise<T>): Promise<T> {
  const request: OneRequest = {
    isOver: false,
    isUnkept: false,
    waited: { ms: 0, until: 0 },
    written: [],
    ahead: new Map(),
    held: new Map(),
    stored: new Map(),
    hashes: new Map(),
    tidings: [],
  };
  return requests.run(request, async () => {
    try {
      return await work(request);
    } finally {
      request.isOver = true;
    }
  });
}
