import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  type ExportedJWKSCache,
  errors,
  type JWTVerifyGetKey,
  jwksCache,
  type RemoteJWKSet,
} from 'jose';
import { GatewayError } from './gateway-error.ts';
import { type Fetch, loadJwksUri } from './issuer-metadata.ts';

/** Finds the public key for a token's header. */
export type KeySet = JWTVerifyGetKey;

export interface KeySetOptions {
  readonly issuer: string;
  /** Where the keys are, when they are not where the issuer's metadata says (an address inside your network). */
  readonly jwksUri?: string;
  readonly fetch?: Fetch;
}

// All three by the clock of the machine, as jose counts them: it takes no other.
const COOLDOWN_MS = 5_000; // an unknown `kid` fetches at most this often, so made-up ones cannot flood the issuer
const RETRY_MS = 5_000; // an issuer that did not answer is asked again after this
const STALE_KEYS_MS = 3_600_000; // while the issuer is away its last keys count for as long as a token can live

/**
 * The issuer's keys: found through its metadata, kept, fetched again when a token names an unknown one.
 *
 * @example
 * const keys = createKeySet({ issuer: 'https://api.bkend.ai/mcp' });
 */
export function createKeySet({ issuer, jwksUri, fetch = globalThis.fetch }: KeySetOptions): KeySet {
  const cache: Partial<ExportedJWKSCache> = {};
  let remote: Promise<RemoteJWKSet> | undefined;
  let lastError: { cause: unknown; at: number } | undefined;

  async function createRemote(): Promise<RemoteJWKSet> {
    const url = new URL(jwksUri ?? (await loadJwksUri(issuer, fetch)));
    const options = { cooldownDuration: COOLDOWN_MS, [customFetch]: fetch };
    return createRemoteJWKSet(url, { ...options, [jwksCache]: cache as ExportedJWKSCache });
  }

  function loadRemote(): Promise<RemoteJWKSet> {
    remote ??= createRemote();
    return remote;
  }

  function remember(cause: unknown): void {
    lastError = { cause, at: Date.now() };
    // An issuer that never gave its keys is discovered anew: it may come back with another address for them.
    if (cache.jwks === undefined) remote = undefined;
  }

  return async function findKey(header, token) {
    const isAway = lastError !== undefined && Date.now() < lastError.at + RETRY_MS;
    if (isAway) return findKnownKey(cache, lastError?.cause)(header, token);
    try {
      const findRemoteKey = await loadRemote();
      return await findRemoteKey(header, token);
    } catch (error) {
      if (isAboutTheToken(error)) throw error;
      remember(error);
      return findKnownKey(cache, error)(header, token);
    }
  };
}

function findKnownKey({ jwks, uat = 0 }: Partial<ExportedJWKSCache>, cause: unknown): KeySet {
  return async function findAmongKnown(header, token) {
    const reason = cause instanceof Error ? cause.message : 'unknown';
    const message = `The keys of the issuer cannot be fetched: ${reason}`;
    const unavailable = new GatewayError('ISSUER_UNAVAILABLE', message, { cause });
    if (jwks === undefined || Date.now() > uat + STALE_KEYS_MS) throw unavailable;
    return createLocalJWKSet(jwks)(header, token).catch(() => Promise.reject(unavailable));
  };
}

/** The keys were there, and none is the token's. Everything else is the issuer's trouble, and no reason to doubt a token. */
function isAboutTheToken(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  );
}
