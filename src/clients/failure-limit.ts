import type { Clock } from '../clock.ts';
import { domainOf } from './bulkhead.ts';
import { DocumentError } from './document-errors.ts';

/**
 * Bounds how often one domain is asked for what is not there. A document that failed is not remembered
 * (draft-ietf-oauth-client-id-metadata-document-02 §5.2), and strangers could have us ask for it without end. Healthy hosts
 * never come near it; the count is of this process and of this minute.
 */
export interface FailureLimit {
  /** Throws `DocumentError` at once where there were too many. */
  admit(host: string): void;
  note(host: string): void;
}

const perMinute = 30;

export function createFailureLimit(clock: Clock): FailureLimit {
  let minute = 0;
  let failures = new Map<string, number>();

  /** A new map each minute: nothing grows with the number of domains that were ever named. */
  function ofThisMinute(): Map<string, number> {
    const now = Math.floor(clock.seconds() / 60);
    if (now !== minute) [minute, failures] = [now, new Map()];
    return failures;
  }

  return {
    admit(host) {
      if ((ofThisMinute().get(domainOf(host)) ?? 0) < perMinute) return;
      const retryAfterSeconds = 60 - (clock.seconds() % 60);
      throw new DocumentError('its domain failed too often in this minute', { kind: 'busy', retryAfterSeconds });
    },
    note(host) {
      const counts = ofThisMinute();
      counts.set(domainOf(host), (counts.get(domainOf(host)) ?? 0) + 1);
    },
  };
}
