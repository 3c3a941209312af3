import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { currentRequest } from './current-request.ts';

/** For how long a request waits for the store in all, however often it asks (R125). */
export const patienceMs = 2000;
/** Once it has waited for so long: what the store answers when it is back takes a fraction of this. */
const lastMs = 200;
/** Kept back for two more such answers: an error page asks the store as well, and is to be there within three seconds. */
const reserveMs = 2 * lastMs;
const leastMs = 50;
/** What is answered sooner did not have to be waited for. */
const promptMs = 100;

/** Waits, as for an answer that another request is making, and takes that time off what the request may still wait for the store. */
export async function pauseRequest(ms: number): Promise<void> {
  await delay(ms);
  const waited = currentRequest()?.waited;
  if (waited) waited.ms += ms;
}

let lately = { at: Number.NEGATIVE_INFINITY, busy: performance.eventLoopUtilization() };

/** Event-loop utilisation, kept for 3 ms: reading it is not cheap. */
function busyAt(now: number): typeof lately.busy {
  if (Math.abs(now - lately.at) > 3) lately = { at: now, busy: performance.eventLoopUtilization() };
  return lately.busy;
}

/** One question to the store, from now on; outside of a request each has its own patience. */
export class Wait {
  readonly #waited = currentRequest()?.waited;
  readonly begun = performance.now();
  readonly busy = busyAt(this.begun);

  /** For how long the store may still be waited for; a question in parallel that ends takes its time off. */
  get leftMs(): number {
    if (!this.#waited) return patienceMs;
    const left = Math.ceil(patienceMs - this.#waited.ms);
    return Math.max(left, Math.min(lastMs, left + reserveMs), leastMs);
  }

  /** For what may still be done when nobody waits for it any more. */
  bound<T>(answered: Promise<T>): Promise<T> {
    const { leftMs } = this;
    if (leftMs === patienceMs) return answered;
    const tooLong = delay(leftMs, undefined, { ref: false }).then(async () => {
      await nextTurn();
      throw new Error('the store has not answered for too long');
    });
    return Promise.race([answered, tooLong]);
  }

  /**
   * What this process was busy with meanwhile it did not wait for: a crowd must not cost a code the answer to its taking. One
   * that was idle for half of the time would have read an answer.
   */
  end(): void {
    const now = performance.now();
    const waited = this.#waited;
    if (!waited || now - this.begun < promptMs) return;
    const { active, utilization } = performance.eventLoopUtilization(this.busy);
    const ownMs = utilization > 0.5 ? active : 0;
    waited.ms += Math.max(0, now - Math.max(this.begun, waited.until) - ownMs);
    waited.until = now;
  }
}
