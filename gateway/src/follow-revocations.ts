import { GatewayError } from './gateway-error.ts';
import { createIntrospection } from './introspection.ts';
import type { Fetch } from './issuer-metadata.ts';
import { checkIssuer } from './protection-options.ts';
import { createRevocationList, type RevocationStats, type Revocations } from './revocation-list.ts';
import { createRevocationStream } from './revocation-stream.ts';
import type { ClientCredentials } from './vocabulary/index.ts';

export interface FollowOptions extends ClientCredentials {
  readonly issuer: string;
  /**
   * Whose revocations to read and hold, when several resources name this client. Default: those of all of them. Whatever
   * else is revoked at the issuer is never told.
   */
  readonly resource?: string;
  /**
   * Seconds without news of the feed after which a token is not simply believed. Default 30, at least 10; with `Infinity`
   * it is believed however long ago the last news was.
   */
  readonly maxStaleness?: number;
  /** What happens then: 503 for every request (the default), or a question to the introspection endpoint with each. */
  readonly whenStale?: 'refuse' | 'introspect';
  /** Where the feed is, when it is not at the issuer's path (an address inside your network). */
  readonly url?: string;
  /** Where the introspection endpoint is, when it is not where the issuer's metadata says. */
  readonly introspectionUrl?: string;
  readonly fetch?: Fetch;
  /** Your own clock, in milliseconds since the epoch, by which its news grow old. Default: `Date.now`. */
  readonly now?: () => number;
  /** Told why the feed was cut, for your log. It comes back by itself. */
  readonly onError?: (error: GatewayError) => void;
}

export interface FollowedRevocations extends Revocations {
  /** Resolves when everything is known that was revoked so far: the moment to begin to listen. */
  ready(): Promise<void>;
  stats(): RevocationStats;
  /** Stops following; from then on it only grows stale. */
  close(): void;
}

/** Two and a half heartbeats of the server, so that one may be late or lost. */
const SHORTEST_SILENCE_MS = 12_500;
/** However patient a gateway is: a line that stands and is dead brings no revocations. */
const LONGEST_SILENCE_MS = 60_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 8_000; // well within any staleness, so that one outage of the server is not two of ours

/**
 * Follows the issuer's feed of revocations for as long as the process lives.
 *
 * @example
 * const revocations = followRevocations({ issuer, clientId, clientSecret });
 * const protection = protectResource({ issuer, resource, scopes, revocations });
 */
export function followRevocations(options: FollowOptions): FollowedRevocations {
  checkIssuer(options.issuer);
  const { maxStaleness = 30, whenStale = 'refuse', fetch = globalThis.fetch, now = Date.now, onError } = options;
  const introspect = createIntrospection({ ...options, fetch });
  const list = createRevocationList({
    maxStaleness,
    now,
    ...(whenStale === 'introspect' && { whenStale: introspect }),
  });
  const closing = new AbortController();
  let resolveReady = () => {};
  const ready = new Promise<void>((resolve) => {
    resolveReady = resolve;
  });
  let attempts = 0;

  const readStream = createRevocationStream({
    ...options,
    fetch,
    // Half of it, so that there is as much time again to come back.
    silenceMs: Math.min(Math.max((maxStaleness * 1000) / 2, SHORTEST_SILENCE_MS), LONGEST_SILENCE_MS),
    accept: list.accept,
    markCurrent() {
      attempts = 0;
      list.markCurrent();
      resolveReady();
    },
  });

  async function follow(): Promise<void> {
    while (!closing.signal.aborted) {
      await readStream(closing.signal).catch((cause) => report(cause));
      await pause();
    }
  }

  function report(cause: Error): void {
    if (closing.signal.aborted) return;
    onError?.(new GatewayError('REVOCATIONS_UNKNOWN', `The feed of revocations was cut: ${cause.message}`, { cause }));
  }

  /** Longer with each attempt, and by chance, so that a hundred gateways do not come back in the same moment. */
  async function pause(): Promise<void> {
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempts);
    attempts += 1;
    await delay(longest * (0.2 + 0.8 * Math.random()), closing.signal);
  }

  // Never rejects: whatever goes wrong is reported and tried again.
  void follow();
  return { stateOf: list.stateOf, stats: list.stats, ready: () => ready, close: () => closing.abort() };
}

/** Resolves early when the signal is aborted. */
function delay(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(end, milliseconds);
    function end(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    }
    signal.addEventListener('abort', end);
  });
}
