import { AsyncLocalStorage } from 'node:async_hooks';
import type { StoredRecord } from './store.ts';

type Found = StoredRecord | undefined;

/** What is known of a request while it is answered, and forgotten with it. */
interface OneRequest {
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
}

const requests = new AsyncLocalStorage<OneRequest>();

export const presentRequest = (): OneRequest | undefined => requests.getStore();

/**
 * Whatever `work` asks of the store, however often, it waits for no longer than for one answer. It is over when all that it
 * has written is kept.
 */
export function asOneRequest<T>(work: () => T | Promise<T>): Promise<T> {
  const request: OneRequest = { waited: { ms: 0, until: 0 }, written: [], ahead: new Map() };
  return requests.run(request, async () => {
    try {
      const answer = await work();
      await allKept();
      return answer;
    } catch (error) {
      // What went wrong first is told, when nothing is under way any more.
      await allKept().catch(() => undefined);
      throw error;
    }
  });
}

/**
 * For a write of which nothing is asked but that it happens: the request goes on, and is answered when it has. Each answer
 * that is waited for costs a turn of the event loop and a write to the socket. Outside of a request it is waited for.
 */
export async function keepMeanwhile(written: Promise<unknown>): Promise<void> {
  const request = presentRequest();
  if (!request) return void (await written);
  // Told when the request is answered.
  written.catch(() => undefined);
  request.written.push(written);
}

/** When all is kept that this request has written so far; whatever failed is thrown. */
export async function allKept(): Promise<void> {
  const written = presentRequest()?.written ?? [];
  while (written.length > 0) {
    // None is under way any more when this is over, also where one has failed.
    const failed = (await Promise.allSettled(written.splice(0))).find(({ status }) => status === 'rejected');
    if (failed) throw (failed as PromiseRejectedResult).reason;
  }
}
