import { type Answer, jsonAnswer } from './answer.ts';
import type { GatewayError } from './gateway-error.ts';

const RETRY_AFTER_SECONDS = 5;

/** What a client is told: never more than it needs to act, whatever the operator's log says. */
const WORDS = {
  TOKEN_MISSING: 'An access token is required',
  TOKEN_EXPIRED: 'The access token expired',
  TOKEN_INVALID: 'The access token is not valid',
  TOKEN_REVOKED: 'The access token was revoked',
  SCOPE_INSUFFICIENT: 'The access token lacks a permission for this',
  ISSUER_UNAVAILABLE: 'Access tokens cannot be verified at the moment',
  REVOCATIONS_UNKNOWN: 'Access tokens cannot be verified at the moment',
} as const;

interface ChallengeOptions {
  readonly metadataUrl: string;
  readonly scopes: readonly string[];
}

/** Turns a refusal into the answer that lets a client act on it: sign in, renew, ask for more, or wait. */
export function challenge({ code }: GatewayError, { metadataUrl, scopes }: ChallengeOptions): Answer {
  const hints = { resource_metadata: metadataUrl, scope: scopes.join(' ') };
  switch (code) {
    case 'TOKEN_MISSING':
      // RFC 6750 §3.1: who presented nothing gets no error code in the header; some clients take one as "forget everything".
      return bearerAnswer(401, hints, { error: 'unauthorized', error_description: WORDS[code] }, false);
    case 'SCOPE_INSUFFICIENT':
      return bearerAnswer(403, hints, { error: 'insufficient_scope', error_description: WORDS[code] });
    case 'ISSUER_UNAVAILABLE':
    case 'REVOCATIONS_UNKNOWN':
      return unavailableAnswer(WORDS[code]);
    case 'TOKEN_EXPIRED':
    case 'TOKEN_REVOKED':
      return bearerAnswer(401, hints, { error: 'invalid_token', error_description: WORDS[code] });
    default:
      return bearerAnswer(401, hints, { error: 'invalid_token', error_description: WORDS.TOKEN_INVALID });
  }
}

function bearerAnswer(status: number, hints: object, error: object, errorInHeader = true): Answer {
  const parameters = { ...hints, ...(errorInHeader && error) };
  return jsonAnswer(status, error, { 'www-authenticate': `Bearer ${presentParameters(parameters)}` });
}

/** Not a 401: the token may be perfect, and a client told otherwise would send the person back to the browser. */
function unavailableAnswer(description: string): Answer {
  const error = { error: 'temporarily_unavailable', error_description: description };
  return jsonAnswer(503, error, { 'retry-after': String(RETRY_AFTER_SECONDS) });
}

function presentParameters(parameters: Record<string, string>): string {
  return Object.entries(parameters)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}=${quote(value)}`)
    .join(', ');
}

/** RFC 9110 §5.6.4: a quoted string. What could end the quotes or the header is escaped or dropped. */
function quote(value: string): string {
  return `"${value.replace(/[^\x20-\x7E]/g, '').replace(/["\\]/g, '\\$&')}"`;
}
