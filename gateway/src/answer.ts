import type { ServerResponse } from 'node:http';
import { findAskedHeaders } from './vocabulary/index.ts';

/** An HTTP answer of no framework. For a fetch handler: `new Response(answer.body, answer)`. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** `null` for an answer without a body. */
  readonly body: string | null;
}

/**
 * Any origin: a request is trusted for its bearer token, which no browser adds by itself. A web client that may not read
 * `WWW-Authenticate` cannot find the authorization server.
 */
export const CORS_HEADERS = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'WWW-Authenticate, Mcp-Session-Id',
} as const;

const PREFLIGHT_HEADERS = {
  ...CORS_HEADERS,
  'access-control-allow-methods': 'GET, HEAD, POST, DELETE, OPTIONS',
  'access-control-max-age': '7200',
  // For caches between: this answer is for whoever asks for the same headers.
  vary: 'Access-Control-Request-Headers',
} as const;

/** What clients are known to send. */
const USUAL_HEADERS =
  'authorization, content-type, accept, mcp-protocol-version, mcp-session-id, mcp-method, mcp-name, last-event-id, dpop'.split(
    ', ',
  );

export function jsonAnswer(status: number, value: object, headers: Record<string, string> = {}): Answer {
  const own = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  return { status, headers: { ...CORS_HEADERS, ...own, ...headers }, body: JSON.stringify(value) };
}

/** With the names that were asked for: web clients let people add headers of their own. Not `*`, which leaves out the token. */
export function preflightAnswer(asked = ''): Answer {
  const allowed = [...new Set([...USUAL_HEADERS, ...findAskedHeaders(asked)])].join(', ');
  return { status: 204, headers: { ...PREFLIGHT_HEADERS, 'access-control-allow-headers': allowed }, body: null };
}

export function sendAnswer(res: ServerResponse, { status, headers, body }: Answer): void {
  res.statusCode = status;
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  res.end(body);
}
