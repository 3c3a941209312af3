import { AuthorizationResponseError, ResponseBodyError, WWWAuthenticateChallengeError } from 'openid-client';
import { ProviderError, type ProviderRefusalKind } from './provider-error.ts';

/**
 * What went wrong at an identity provider, as one word for the log. The errors of openid-client 6.9 hold what was received,
 * tokens included: nothing of it is handed on but names of checks, claims and OAuth errors.
 */
export function asProviderError(error: unknown, where: string): ProviderError {
  if (error instanceof ProviderError) return error;
  const [kind, check] = describe(error as ThrownError);
  return new ProviderError(kind, `${where}: ${check}`);
}

type ThrownError = Error & { readonly code?: string; readonly cause?: unknown; readonly claim?: unknown };
type Described = readonly [ProviderRefusalKind, string];

function describe(error: ThrownError): Described {
  if (error instanceof AuthorizationResponseError) return describeAuthorizationError(error.error);
  if (error instanceof ResponseBodyError) return describeStatus(error.status, nameOf(error.error));
  if (error instanceof WWWAuthenticateChallengeError) return describeStatus(error.status);
  const known = byCode[error.code ?? ''];
  if (known) return known(error);
  const inner = findNetworkError(error);
  return inner ? ['away', inner] : ['unusable', nameOf(error.code ?? error.name)];
}

const declined = [
  'access_denied',
  'login_required',
  'consent_required',
  'interaction_required',
  'account_selection_required',
];
const away = ['temporarily_unavailable', 'server_error'];

/** RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6. */
function describeAuthorizationError(code: string): Described {
  if (declined.includes(code)) return ['declined', code];
  // RFC 9470 §5: it can do none of what `acr_values` asked for.
  if (code === 'unmet_authentication_requirements') return ['unproven', code];
  return [away.includes(code) ? 'away' : 'unusable', nameOf(code)];
}

function describeStatus(status: number, what = `status ${status}`): Described {
  return [status >= 500 || status === 429 ? 'away' : 'unusable', what];
}

const byCode: Record<string, (error: ThrownError) => Described> = {
  OAUTH_TIMEOUT: () => ['away', 'time'],
  OAUTH_ABORT: () => ['away', 'time'],
  OAUTH_RESPONSE_IS_NOT_CONFORM: ({ cause }) => describeStatus((cause as Response | undefined)?.status ?? 0),
  OAUTH_RESPONSE_IS_NOT_JSON: ({ cause }) => {
    const { ok, status } = (cause ?? { ok: true }) as Response;
    return ok ? ['unusable', 'content type'] : describeStatus(status);
  },
  OAUTH_PARSE_ERROR: () => ['unusable', 'JSON'],
  OAUTH_KEY_SELECTION_FAILED: () => ['unusable', 'key'],
  OAUTH_UNSUPPORTED_OPERATION: (error) => [
    'unusable',
    sentenceOf(error).includes('hybrid') ? 'response type' : 'algorithm',
  ],
  OAUTH_JWT_CLAIM_COMPARISON_FAILED: (error) => ['unusable', nameOf(detailOf(error, 'claim'))],
  OAUTH_JWT_TIMESTAMP_CHECK_FAILED: (error) => ['unusable', nameOf(detailOf(error, 'claim'))],
  OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED: (error) => ['unusable', nameOf(detailOf(error, 'attribute'))],
  OAUTH_INVALID_RESPONSE: (error) => ['unusable', memberNamedBy(error)],
  OAUTH_HTTP_REQUEST_FORBIDDEN: () => ['unusable', 'https'],
  // Those of jose, which reads logout tokens.
  ERR_JWT_CLAIM_VALIDATION_FAILED: ({ claim }) => ['unusable', nameOf(claim)],
  ERR_JWT_EXPIRED: ({ claim }) => ['unusable', nameOf(claim)],
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: () => ['unusable', 'signature'],
  ERR_JOSE_ALG_NOT_ALLOWED: () => ['unusable', 'algorithm'],
  ERR_JWKS_NO_MATCHING_KEY: () => ['unusable', 'key'],
  ERR_JWS_INVALID: () => ['unusable', 'form'],
  ERR_JWT_INVALID: () => ['unusable', 'form'],
  // The keys were not answered with 200.
  ERR_JOSE_GENERIC: () => ['away', 'keys'],
  ERR_JWKS_TIMEOUT: () => ['away', 'time'],
};

function detailOf(error: ThrownError, name: 'claim' | 'attribute'): string {
  const details = [error.cause, (error.cause as ThrownError | undefined)?.cause] as (
    | Record<string, unknown>
    | undefined
  )[];
  return String(details.find((detail) => typeof detail?.[name] === 'string')?.[name] ?? name);
}

const sentenceOf = ({ message, cause }: ThrownError) => (cause as ThrownError | undefined)?.message ?? message;

/** Its sentences name the member, in quotes: `unexpected "iss" (issuer) response parameter value`. */
function memberNamedBy(error: ThrownError): string {
  const sentence = sentenceOf(error);
  if (sentence.includes('signature')) return 'signature';
  if (sentence.includes('JARM')) return 'response type';
  if (sentence.includes('authorization code')) return 'code';
  const names = [...sentence.matchAll(/"([a-z_]{1,40})"/g)].flatMap(([, name = '']) =>
    name === 'response' ? [] : name,
  );
  return names[0] ?? 'form';
}

const networkErrors = /^(UND_ERR_|E[A-Z]{3,}|CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/;

function findNetworkError(error: ThrownError): string | undefined {
  for (let each: ThrownError | undefined = error; each; each = each.cause as ThrownError | undefined) {
    if (each.name === 'TimeoutError') return 'time';
    if (each.code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return 'size';
    if (each.code !== undefined && networkErrors.test(each.code)) return `connection (${nameOf(each.code)})`;
  }
  return undefined;
}

/** Codes come from outside: into the log goes a word, or none. */
function nameOf(code: unknown): string {
  return typeof code === 'string' && /^[\w.-]{1,64}$/.test(code) ? code : 'unnamed';
}
