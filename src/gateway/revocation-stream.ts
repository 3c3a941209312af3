import { basicAuthorization, type GatewayCredentials } from './credentials.ts';
import type { Fetch } from './issuer-metadata.ts';
import { parseRevocation } from './revocation-entry.ts';
import type { Revocation } from './revoked-tokens.ts';
import { readServerEvents, type ServerEvent } from './server-events.ts';

interface Parts extends GatewayCredentials {
  readonly issuer: string;
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
  const url = parts.url ?? `${parts.issuer.replace(/\/$/, '')}/oauth/revocations`;
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
    const silence = createSilence(parts.silenceMs);
    try {
      const body = await open(AbortSignal.any([signal, silence.signal]));
      for await (const event of readServerEvents(body, silence.interrupt)) take(event);
    } finally {
      silence.end();
    }
  };
}

function bodyOf({ status, body, headers }: Response): ReadableStream<Uint8Array> {
  const isStream = headers.get('content-type')?.startsWith('text/event-stream');
  if (status === 200 && body && isStream) return body;
  void body?.cancel();
  throw new Error(`it answered ${status}${status === 200 ? ' with something else' : ''}`);
}

function createSilence(silenceMs: number) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new Error('it fell silent')), silenceMs);
  return { signal: controller.signal, interrupt: () => void timer.refresh(), end: () => clearTimeout(timer) };
}
