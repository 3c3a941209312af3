import { errors, type JWTPayload, jwtVerify } from 'jose';
import { canonicalResource } from './canonical-resource.ts';
import { GatewayError } from './gateway-error.ts';
import { type Identity, identityClaims, REQUIRED_CLAIMS, scopesOf, textOf } from './identity.ts';
import type { KeySet } from './key-set.ts';
import { resourceMetadataUrl } from './resource-metadata.ts';
import type { Revocations } from './revocation-list.ts';
import { cacheKey, type TokenCache } from './token-cache.ts';
import { findCanonicalResource } from './vocabulary/index.ts';

export interface VerificationOptions {
  /** As in the token, byte for byte. */
  readonly issuer: string;
  /** Your own URL, as clients enter it. */
  readonly resource: string;
  /** Your URLs before: tokens for them are accepted, and whoever asks at one is told what to do in its words. */
  readonly formerly?: readonly string[];
  /** From `createKeySet`; create it once, it remembers the keys. */
  readonly keys: KeySet;
  /** Default: every asymmetric algorithm. */
  readonly algorithms?: readonly string[];
  /**
   * Default 5: for so many seconds after `exp` a token still counts (RFC 9068 §4). A client that counts from when its answer
   * arrived asks up to then, and some send their person to the browser for a 401 that they did not expect.
   */
  readonly clockToleranceSeconds?: number;
  /** From `followRevocations`, or your own: which tokens have ended before they expire. */
  readonly revocations?: Revocations;
  /** From `createTokenCache`: verified tokens are not verified again until they expire. */
  readonly cache?: TokenCache;
  /** Your own clock, in milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: () => number;
}

const defaultToleranceSeconds = 5;

/** Asymmetric only: with HS256 the public key would be the secret, and anyone could sign (RFC 8725 §3.1). */
export const ASYMMETRIC_ALGORITHMS: readonly string[] = [
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
];

/**
 * Who a JWT access token (RFC 9068) stands for. Throws a `GatewayError`: `TOKEN_EXPIRED`, `TOKEN_INVALID`,
 * `TOKEN_REVOKED`; or `ISSUER_UNAVAILABLE` when the keys cannot be fetched and `REVOCATIONS_UNKNOWN` when the feed is cut,
 * which say nothing about the token.
 *
 * @example
 * const identity = await verifyAccessToken(token, { issuer, resource, keys: createKeySet({ issuer }) });
 */
export async function verifyAccessToken(token: string, options: VerificationOptions): Promise<Identity> {
  const { cache, issuer, algorithms = [] } = options;
  const key = cache ? await cacheKey(token, issuer, ...algorithms) : '';
  const claims = findCachedClaims(key, options) ?? (await loadClaims(token, key, options));
  checkAudience(claims, options);
  const identity = identityFrom(token, claims, options.resource);
  await checkIsLive(identity, key, options);
  return identity;
}

function identityFrom(token: string, claims: JWTPayload, resource: string): Identity {
  const known = identityClaims(claims);
  return {
    token,
    clientId: textOf(claims, 'client_id'),
    scopes: scopesOf(claims),
    issuedAt: claims.iat as number,
    expiresAt: claims.exp as number,
    resource: new URL(canonicalResource(resource)),
    resourceMetadataUrl: resourceMetadataUrl(resource),
    ...known,
    // A copy: what is remembered is for the next request, too.
    claims: { ...claims },
    extra: known,
  };
}

async function loadClaims(token: string, key: string, options: VerificationOptions): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, options.keys, {
      issuer: options.issuer,
      // RFC 9068 §4: without it an ID token of the same issuer would pass.
      typ: 'at+jwt',
      algorithms: [...(options.algorithms ?? ASYMMETRIC_ALGORITHMS)],
      clockTolerance: options.clockToleranceSeconds ?? defaultToleranceSeconds,
      requiredClaims: REQUIRED_CLAIMS,
      currentDate: new Date((options.now ?? Date.now)()),
    });
    options.cache?.keep(key, payload);
    return payload;
  } catch (cause) {
    throw asGatewayError(cause);
  }
}

function findCachedClaims(
  key: string,
  { cache, clockToleranceSeconds = defaultToleranceSeconds, now = Date.now }: VerificationOptions,
) {
  const claims = cache?.find(key);
  // jose counts in whole seconds, too.
  const isExpired = Number(claims?.exp) <= Math.floor(now() / 1000) - clockToleranceSeconds;
  return isExpired ? undefined : claims;
}

/** After everything else: only of a token that is otherwise good does anybody need to know. */
async function checkIsLive(identity: Identity, key: string, options: VerificationOptions): Promise<void> {
  const state = (await options.revocations?.stateOf(identity)) ?? 'live';
  if (state === 'unknown') {
    throw new GatewayError('REVOCATIONS_UNKNOWN', 'Whether the access token was revoked cannot be known at the moment');
  }
  if (state !== 'revoked') return;
  options.cache?.forget(key);
  throw new GatewayError('TOKEN_REVOKED', `The access token of connection ${identity.connectionId} was revoked`);
}

function asGatewayError(cause: unknown): GatewayError {
  if (cause instanceof GatewayError) return cause;
  if (cause instanceof errors.JWTExpired) return new GatewayError('TOKEN_EXPIRED', cause.message, { cause });
  const reason = cause instanceof Error ? cause.message : 'unknown';
  return new GatewayError('TOKEN_INVALID', `The access token is not valid: ${reason}`, { cause });
}

/**
 * RFC 8707 §2 and RFC 9068 §4: a token for another gateway is refused, or that gateway could act as the person here. Only
 * in the canonical spelling: a resource that differs by a slash may be another one, and only the issuer knows.
 */
function checkAudience({ aud }: JWTPayload, { resource, formerly = [] }: VerificationOptions): void {
  const own = [resource, ...formerly].map(canonicalResource);
  const audiences = typeof aud === 'string' ? [aud] : (aud ?? []);
  if (audiences.some((audience) => own.includes(findCanonicalResource(audience) ?? ''))) return;
  throw new GatewayError('TOKEN_INVALID', `The access token is for ${audiences.join(', ')}, not for ${own[0]}`);
}
