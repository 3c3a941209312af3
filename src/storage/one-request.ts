import { type OneRequest, presentRequest, runRequest } from './present-request.ts';
import { writeHeld } from './unit-of-work.ts';

/**
 * Whatever `work` asks of the store, however often, it waits for no longer than for one answer. It is over when all that it
 * has written is kept. `onUnkept`: what was new in it could not be, and nothing that it has said so far is true.
 */
export function asOneRequest<T>(work: () => T | Promise<T>, onUnkept: () => void = () => undefined): Promise<T> {
  return runRequest(async (request) => {
    const end = async () => {
      await allKept();
      for (const tell of request.tidings.splice(0)) tell();
    };
    try {
      const answer = await work();
      await end();
      return answer;
    } catch (error) {
      // What went wrong first is told, when nothing is under way any more.
      await end().catch(() => undefined);
      if (request.isUnkept) onUnkept();
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

/** Of what is true only when all is kept: never, where something is not. */
export function whenKept(tell: () => void): void {
  const request = presentRequest();
  if (request) request.tidings.push(tell);
  else tell();
}

/** When all is kept that this request has written so far; whatever failed is thrown. */
export async function allKept(): Promise<void> {
  const request = presentRequest();
  if (!request) return;
  do {
    request.written.push(...writeHeld(request, 'new'));
    const isAnythingNew = request.written.length > 0;
    await settle(request).catch((error) => giveUp(request, error));
    request.written.push(...writeHeld(request, 'rest'));
    await settle(request).catch((error) => giveUp(request, error, isAnythingNew));
  } while (request.held.size > 0);
}

function giveUp(request: OneRequest, error: unknown, isSomethingKept = false): never {
  request.held.clear();
  if (!isSomethingKept) {
    request.isUnkept = true;
    request.tidings.length = 0;
  }
  throw error;
}

async function settle({ written }: OneRequest): Promise<void> {
  while (written.length > 0) {
    // None is under way any more when this is over, also where one has failed.
    const failed = (await Promise.allSettled(written.splice(0))).find(({ status }) => status === 'rejected');
    if (failed) throw (failed as PromiseRejectedResult).reason;
  }
}
