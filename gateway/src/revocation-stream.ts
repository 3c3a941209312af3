import type { Fetch } from './issuer-metadata.ts';
import { readServerEvents, type ServerEvent } from './server-events.ts';
import { basicAuthorization, type ClientCredentials, parseRevocation, type Revocation } from './vocabulary/index.ts';

interface Parts extends ClientCredentials {
  readonly issuer: string;
  readonly resource?: string;
  readonly url?: string;
  readonly fetch: Fetch;
  /** A stream that says nothing for this long is cut, whatever its connection pretends. */
  readonly silenceMs: number;
  readonly accept: (entries: readonly Revocation[]) => void;
  readonly markCurrent: () => void;
}

/**
 * Reads the feed until it ends, and on from there the next time: only what was accepted moves the cursor, so nothing is
 * left out; what is told twice is held once.
 */
export function createRevocationStream(parts: Parts): (signal: AbortSignal) => Promise<void> {
  const url = feedUrl(parts);
  let cursor: string | undefined;

  async function open(signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const headers = { accept: 'text/event-stream', authorization: basicAuthorization(parts) };
    const resume = cursor === undefined ? {} : { 'last-event-id': cursor };
    return bodyOf(await parts.fetch(url, { headers: { ...headers, ...resume }, redirect: 'error', signal }));
  }

  function take({ id, event, data }: ServerEvent): void {
    if (event === 'revoked') parts.accept([parseRevocation(data) ?? []].flat());
    if (event === 'current') parts.markCurrent();
    cursor = id ?? cursor;
  }

  return async function readStream(signal) {
    const line = createLine(signal, parts.silenceMs);
    try {
      const body = await open(line.signal);
      for await (const event of readServerEvents(body, line.heard)) take(event);
    } finally {
      line.end();
    }
  };
}

function feedUrl({ issuer, url = `${issuer.replace(/\/$/, '')}/oauth/revocations`, resource }: Parts): string {
  const complete = new URL(url);
  if (resource !== undefined) complete.searchParams.set('resource', resource);
  return complete.href;
}

function bodyOf({ status, body, headers }: Response): ReadableStream<Uint8Array> {
  const isStream = headers.get('content-type')?.startsWith('text/event-stream');
  if (status === 200 && body && isStream) return body;
  void body?.cancel();
  throw new Error(`it answered ${status}${status === 200 ? ' with something else' : ''}`);
}

/** The signal of one connection: aborted with the outer one, and when nothing is heard for too long. */
function createLine(outer: AbortSignal, silenceMs: number) {
  const controller = new AbortController();
  // Not `AbortSignal.any`, which Node 20.0 does not have, nor `timer.refresh()`, which only Node has.
  const cut = () => controller.abort(outer.reason);
  const startTimer = () => setTimeout(() => controller.abort(new Error('it fell silent')), silenceMs);
  let timer = startTimer();
  outer.addEventListener('abort', cut);
  return {
    signal: controller.signal,
    heard(): void {
      clearTimeout(timer);
      timer = startTimer();
    },
    end(): void {
      clearTimeout(timer);
      outer.removeEventListener('abort', cut);
    },
  };
}
