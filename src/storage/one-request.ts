import { currentRequest, OneRequest, runRequest, type UnitOfWork } from './current-request.ts';
import { writeHeld } from './unit-of-work.ts';

/**
 * Whatever `work` asks of the store, however often, it waits for no longer than for one answer. It is over when all that it
 * has written is kept. `onUnkept`: what was new in it could not be, and nothing that it has said so far is true.
 */
export function asOneRequest<T>(work: () => T | Promise<T>, onUnkept: () => void = () => undefined): Promise<T> {
  const request = new OneRequest();
  return runRequest(request, async () => {
    try {
      const answer = await work();
      if (request.hasUnit) await end(request);
      return answer;
    } catch (error) {
      // What went wrong first is told, when nothing is under way any more.
      await end(request).catch(() => undefined);
      if (request.isUnkept) onUnkept();
      throw error;
    } finally {
      request.isOver = true;
    }
  });
}

async function end({ unit }: OneRequest): Promise<void> {
  await allKept();
  for (const tell of unit.tidings.splice(0)) tell();
}

/**
 * For a write of which nothing is asked but that it happens: the request goes on, and is answered when it has. Each answer
 * that is waited for costs a turn of the event loop and a write to the socket. Outside of a request it is waited for.
 */
export async function keepMeanwhile(written: Promise<unknown>): Promise<void> {
  const request = currentRequest();
  if (!request) return void (await written);
  // Told when the request is answered.
  written.catch(() => undefined);
  request.unit.written.push(written);
}

/** Of what is true only when all is kept: never, where something is not. */
export function whenKept(tell: () => void): void {
  const request = currentRequest();
  if (request) request.unit.tidings.push(tell);
  else tell();
}

/** When all is kept that this request has written so far; whatever failed is thrown. */
export async function allKept(): Promise<void> {
  const request = currentRequest();
  if (!request) return;
  const { unit } = request;
  do {
    unit.written.push(...writeHeld(unit, 'new'));
    const isAnythingNew = unit.written.length > 0;
    await settle(unit).catch((error) => giveUp(request, error));
    unit.written.push(...writeHeld(unit, 'rest'));
    await settle(unit).catch((error) => giveUp(request, error, isAnythingNew));
  } while (unit.held.size > 0);
}

function giveUp(request: OneRequest, error: unknown, isSomethingKept = false): never {
  const { held, tidings } = request.unit;
  held.clear();
  if (!isSomethingKept) {
    request.isUnkept = true;
    tidings.length = 0;
  }
  throw error;
}

async function settle({ written }: UnitOfWork): Promise<void> {
  while (written.length > 0) {
    // None is under way any more when this is over, also where one has failed.
    const failed = (await Promise.allSettled(written.splice(0))).find(({ status }) => status === 'rejected');
    if (failed) throw (failed as PromiseRejectedResult).reason;
  }
}
