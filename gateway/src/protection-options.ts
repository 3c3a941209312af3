import { canonicalResource } from './canonical-resource.ts';
import { GatewayError } from './gateway-error.ts';
import type { KeySet, KeySetOptions } from './key-set.ts';
import { resourceScopes } from './scopes.ts';
import { ASYMMETRIC_ALGORITHMS, type VerificationOptions } from './verify-access-token.ts';
import { isLoopbackHost, isScope, maxClockSkewSeconds } from './vocabulary/index.ts';

export interface ProtectionOptions extends KeySetOptions, Omit<VerificationOptions, 'keys' | 'cache'> {
  /** From `createKeySet`, when several resources of one issuer share it. Default: its own. */
  readonly keys?: KeySet;
  /** How many verified tokens are remembered until they expire. Default 5000; 0 verifies with every request. */
  readonly cacheSize?: number;
  /** What every request needs; without them it is refused. May be empty. */
  readonly scopes: readonly string[];
  /** What a client should ask for when it connects, beyond `scopes`: the operations most people will use. */
  readonly challengeScopes?: readonly string[];
  /**
   * For the resource metadata, and as few as are of use: a client that gets no `scope` in a challenge asks for all of them
   * (MCP 2026-07-28). Default: the scopes above.
   */
  readonly scopesSupported?: readonly string[];
  /** What people know this resource as, for the resource metadata. */
  readonly resourceName?: string;
  /** Told why a request was refused, for your log; the client is told less. */
  readonly onRefusal?: (error: GatewayError) => void;
}

/** Errors of the one who configures are reported at start, not with the first request. */
export function checkProtectionOptions(options: ProtectionOptions): void {
  checkIssuer(options.issuer);
  checkTolerance(options);
  for (const url of [options.resource, ...(options.formerly ?? [])]) canonicalResource(url);
  for (const algorithm of options.algorithms ?? []) checkAlgorithm(algorithm);
  for (const scope of [...challengeScopes(options), ...(options.scopesSupported ?? [])]) checkScope(scope);
}

/** What a client without a token is told to ask for. */
export function challengeScopes({ scopes, challengeScopes: further = [] }: ProtectionOptions): string[] {
  return resourceScopes([...scopes, ...further]);
}

export function checkIssuer(issuer: string): void {
  if (!URL.canParse(issuer)) throw invalid(`The issuer "${issuer}" is not a URL`);
  const { protocol, hostname } = new URL(issuer);
  // RFC 8414 §2: https, no query, no fragment. On the own machine there is no one in between.
  const isSecure = protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(hostname));
  if (!isSecure) throw invalid(`The issuer "${issuer}" must begin with https (http only on this machine)`);
  if (/[?#]/.test(issuer)) throw invalid(`The issuer "${issuer}" must have neither query nor fragment`);
}

function checkTolerance({ revocations, clockToleranceSeconds = 0 }: ProtectionOptions): void {
  // A revocation is forgotten when its tokens have expired; whoever accepts them longer would accept them again.
  if (revocations === undefined || clockToleranceSeconds <= maxClockSkewSeconds) return;
  throw invalid(`With revocations clockToleranceSeconds is at most ${maxClockSkewSeconds}`);
}

function checkAlgorithm(algorithm: string): void {
  if (!ASYMMETRIC_ALGORITHMS.includes(algorithm)) throw invalid(`"${algorithm}" is not an asymmetric algorithm`);
}

function checkScope(scope: string): void {
  if (!isScope(scope)) throw invalid(`"${scope}" is not a scope`);
}

function invalid(message: string): GatewayError {
  return new GatewayError('OPTIONS_INVALID', message);
}
