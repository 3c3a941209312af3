import { canonicalResource } from './canonical-resource.ts';
import { GatewayError } from './gateway-error.ts';
import type { KeySet, KeySetOptions } from './key-set.ts';
import { resourceScopes } from './scopes.ts';
import { ASYMMETRIC_ALGORITHMS, type VerificationOptions } from './verify-access-token.ts';
import { isLoopbackHost, isScope, maxClockSkewSeconds, type RequirementTable } from './vocabulary/index.ts';

export interface ProtectionOptions extends KeySetOptions, Omit<VerificationOptions, 'keys' | 'cache'> {
  /** From `createKeySet`, when several resources of one issuer share it. Default: its own. */
  readonly keys?: KeySet;
  /** How many verified tokens are remembered until they expire. Default 5000; 0 verifies with every request. */
  readonly cacheSize?: number;
  /** What every request needs that is not open; without them it is refused. May be empty. */
  readonly scopes: readonly string[];
  /**
   * What a call of a tool needs beyond `scopes`, by its name, `*` for every other one; `'open'` for one that needs no token.
   * With this or `methods` every POST is read as a message of MCP: protect what else you offer by a protection of its own.
   */
  readonly tools?: ScopeTable;
  /** The same for methods of the protocol: `{ initialize: 'open', 'tools/list': 'open' }`. */
  readonly methods?: ScopeTable;
  /** Whether an answer to `tools/list` leaves out the tools that its token may not call, by `tools`. Default: no. */
  readonly filterTools?: boolean;
  /** How much of a body is read to find out what it asks for; a longer one is answered with 413. Default: 4 MiB. */
  readonly maxBodyBytes?: number;
  /** For how long; a slower one is answered with 408. Default: 30. */
  readonly maxBodySeconds?: number;
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

type ScopeTable = Readonly<Record<string, readonly string[]>>;

/** The same, where something may be open: then a request that was let pass may be nobody's. */
export interface LazyProtectionOptions extends Omit<ProtectionOptions, 'tools' | 'methods'> {
  readonly tools?: RequirementTable;
  readonly methods?: RequirementTable;
}

/** Errors of the one who configures are reported at start, not with the first request. */
export function checkProtectionOptions(options: LazyProtectionOptions): void {
  checkIssuer(options.issuer);
  checkTolerance(options);
  for (const url of [options.resource, ...(options.formerly ?? [])]) canonicalResource(url);
  for (const algorithm of options.algorithms ?? []) checkAlgorithm(algorithm);
  for (const scope of [...challengeScopes(options), ...(options.scopesSupported ?? [])]) checkScope(scope);
  checkTables(options);
  for (const name of ['maxBodyBytes', 'maxBodySeconds'] as const) {
    if (!((options[name] ?? 1) > 0)) throw invalid(`${name} must be more than 0`);
  }
}

function checkTables({ tools, methods, filterTools }: LazyProtectionOptions): void {
  checkTable('tools', tools);
  checkTable('methods', methods);
  if (methods?.['tools/call'] === 'open') throw invalid('"tools/call" is opened tool by tool, in `tools`');
  if (filterTools && tools === undefined) throw invalid('filterTools needs `tools`: what each of them needs');
}

/** A misspelt `open` must not become a scope that nobody has, nor a list of letters. */
function checkTable(table: string, requirements: RequirementTable = {}): void {
  for (const [name, needed] of Object.entries(requirements)) {
    if (needed === 'open') continue;
    if (!Array.isArray(needed)) throw invalid(`${table}["${name}"] must be a list of scopes, or "open"`);
    for (const scope of needed) checkScope(scope);
  }
}

/** What a client without a token is told to ask for. */
export function challengeScopes({
  scopes,
  challengeScopes: further = [],
}: Pick<ProtectionOptions, 'scopes' | 'challengeScopes'>): string[] {
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

function checkTolerance({ revocations, clockToleranceSeconds = 0 }: LazyProtectionOptions): void {
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
