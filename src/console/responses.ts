import type { Refusal } from './challenges.ts';
import type { MemberError } from './validation.ts';

export interface ConsoleResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** To be sent as JSON. */
  readonly body: unknown;
}

export function respond(status: number, body: unknown, headers: Record<string, string> = {}): ConsoleResponse {
  return { status, headers: { 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer', ...headers }, body };
}

function refuse(status: number, error: string, sentence: string, headers: Record<string, string> = {}) {
  return respond(status, { error, error_description: sentence }, headers);
}

export const unauthenticated = refuse(401, 'invalid_client', 'the credential of the console is missing or wrong', {
  'WWW-Authenticate': 'Basic realm="console"',
});
export const unavailable = refuse(
  503,
  'temporarily_unavailable',
  'the server cannot reach what it needs, repeat the call as it is',
  {
    'Retry-After': '5',
  },
);
export const notJson = refuse(400, 'invalid_request', 'the body is not JSON');
export const notAnnouncedAsJson = refuse(415, 'invalid_request', 'the content type must be application/json');

export function tooLarge(maxBytes: number): ConsoleResponse {
  return refuse(413, 'invalid_request', `the body is larger than ${maxBytes} bytes`);
}

export function limited(retryAfterSeconds: number): ConsoleResponse {
  return refuse(429, 'slow_down', 'too many answers at once', { 'Retry-After': String(retryAfterSeconds) });
}

export function invalid(errors: readonly MemberError[]): ConsoleResponse {
  const sentence = errors.map(({ path, sentence }) => `${path || 'the body'} ${sentence}`);
  return respond(422, { error: 'invalid_request', error_description: summary(sentence), errors });
}

/** The list beside it is complete. */
function summary(sentences: readonly string[]): string {
  const [first = '', ...more] = sentences;
  return more.length === 0 ? first : `${first}; and ${more.length} more`;
}

const refusals: Record<Refusal, ConsoleResponse> = {
  unknown: refuse(404, 'unknown_challenge', 'there is no such challenge'),
  answered: refuse(409, 'answered', 'the challenge was answered otherwise, or for another account'),
  expired: refuse(410, 'expired', 'the challenge has expired: the person has to begin again in their tool'),
  used: refuse(410, 'used', 'the person has come back with the answer already'),
};

export function challengeRefused(refusal: Refusal): ConsoleResponse {
  return refusals[refusal];
}
