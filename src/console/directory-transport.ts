import { errors, Pool } from 'undici';
import type { CircuitBreaker } from './circuit-breaker.ts';
import { DirectoryUnavailable } from './directory-unavailable.ts';

export type Received =
  | { readonly kind: 'answer'; readonly body: unknown; readonly etag?: string }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'unknown' };

interface TransportParts {
  readonly url: string;
  readonly credential: () => Promise<string>;
  readonly breaker: CircuitBreaker;
  readonly timeoutMs: number;
}

const maxTries = 2;
const maxAnswerBytes = 1024 * 1024;
const maxConnections = 32;

/** One question over HTTP: two tries of two seconds each, no redirect followed, no more than a MiB read. */
export function createTransport({ url, credential, breaker, timeoutMs }: TransportParts) {
  const base = new URL(url);
  const prefix = base.pathname.replace(/\/$/, '');
  const pool = new Pool(base.origin, {
    connections: maxConnections,
    connectTimeout: timeoutMs,
    maxResponseSize: maxAnswerBytes,
  });

  async function ask(path: string, etag: string | undefined): Promise<Received> {
    if (!breaker.admits()) throw new DirectoryUnavailable('circuit open', { isAway: true });
    const headers = await createHeaders(credential, etag);
    const send = () => receive(pool, { path: `${prefix}${path}`, headers, timeoutMs });
    let received = await send();
    for (let tries = 1; tries < maxTries && isWorthAnotherTry(received); tries++) received = await send();
    // Only silence counts: whoever answers nonsense at once costs nobody any time.
    if (isWorthAnotherTry(received)) breaker.failed();
    else breaker.succeeded();
    if (received.kind !== 'unavailable') return received;
    const { check, transient: isAway = false, cause } = received;
    throw new DirectoryUnavailable(check, { isAway, cause });
  }

  return { ask, close: () => pool.close() };
}

async function createHeaders(credential: TransportParts['credential'], etag: string | undefined) {
  try {
    const authorization = `Bearer ${await credential()}`;
    return { accept: 'application/json', authorization, ...(etag !== undefined && { 'if-none-match': etag }) };
  } catch (error) {
    throw new DirectoryUnavailable('credential', { cause: error });
  }
}

interface Unavailable {
  readonly kind: 'unavailable';
  readonly check: string;
  /** The other side may be well again in a moment, or at its next node. */
  readonly transient?: true;
  readonly cause?: unknown;
}

function isWorthAnotherTry(received: Received | Unavailable): boolean {
  return received.kind === 'unavailable' && received.transient === true;
}

interface Sent {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

async function receive(pool: Pool, { path, headers, timeoutMs }: Sent): Promise<Received | Unavailable> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await pool.request({ method: 'GET', path, headers, signal });
    if (response.statusCode === 200) return readAnswer(await response.body.text(), response.headers.etag);
    // Whatever comes with another status is not read, but the connection is wanted back.
    await response.body.dump();
    return interpret(response.statusCode, headers['if-none-match'] !== undefined);
  } catch (cause) {
    if (cause instanceof errors.ResponseExceededMaxSizeError) return { kind: 'unavailable', check: 'size', cause };
    return { kind: 'unavailable', check: isTimeout(cause) ? 'time' : 'connection', transient: true, cause };
  }
}

function interpret(status: number, isConditional: boolean): Received | Unavailable {
  if (status === 404) return { kind: 'unknown' };
  if (status === 304 && isConditional) return { kind: 'unchanged' };
  if (status >= 500) return { kind: 'unavailable', check: `status ${status}`, transient: true };
  // A redirect too: followed, it would carry our credential to wherever the other side, or whoever got hold of it, points.
  return { kind: 'unavailable', check: `status ${status}` };
}

function readAnswer(text: string, etag: string | string[] | undefined): Received | Unavailable {
  try {
    return { kind: 'answer', body: JSON.parse(text), ...(typeof etag === 'string' && { etag }) };
  } catch (cause) {
    return { kind: 'unavailable', check: 'JSON', cause };
  }
}

function isTimeout(error: unknown): boolean {
  return (
    error instanceof errors.ConnectTimeoutError || (error instanceof DOMException && error.name === 'TimeoutError')
  );
}
