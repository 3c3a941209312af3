import type { EgressProxy } from '../clients/index.ts';
import type { StoreLocation } from '../storage/index.ts';
import { type Environment, processVariables, type Variables } from './environment.ts';
import { ConfigError, type Issue } from './issues.ts';
import { findMisspeltVariables } from './misspelt-variables.ts';
import type { PolicyFile } from './policy-file.ts';
import { isProduction } from './production.ts';
import { readEnvironment, setVariables } from './read-environment.ts';
import { findPolicyFile, type ReadFile, readFromDisk, readPolicyFile } from './read-policy-file.ts';
import { findRedisConnection } from './redis.ts';
import { findMailSettings, type MailSettings } from './smtp.ts';

/** What the operator decided, checked and frozen. Built by `loadConfig`; nothing else reads the environment. */
export interface Config {
  readonly production: boolean;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** The public identifier, byte for byte as clients compare it: no trailing slash. Absent: `http://localhost:<port>/mcp`. */
  readonly issuer: string | undefined;
  readonly store: StoreLocation;
  /** Absent: generated beside the database (development only). */
  readonly storeSecrets: readonly string[] | undefined;
  /** First signs, all verify. Absent: generated and kept in the store (development only). */
  readonly cookieKeys: readonly string[] | undefined;
  /** Path of a private JWKS. Absent: generated and kept, encrypted, in the store. */
  readonly signingKeysFile: string | undefined;
  /** Addresses and CIDRs whose `X-Forwarded-*` are believed. */
  readonly trustedProxies: readonly string[];
  /** How client id metadata documents are reached. Absent: directly. */
  readonly egressProxy: EgressProxy | undefined;
  /** Absent: no mail server. */
  readonly mail: MailSettings | undefined;
  readonly demo: boolean;
  /** Seconds from the signal until the drain, while `/readyz` says no. */
  readonly shutdownDelay: number;
  /** Where metrics are served; absent: nowhere. */
  readonly metricsPort: number | undefined;
  /** Seconds for which an idle connection is kept. */
  readonly keepAliveTimeout: number;
  readonly logLevel: Environment['LOG_LEVEL'];
  /** Path of the file that `policy` was read from. */
  readonly policyFile: string;
  readonly policy: Policy;
}

/** The content of `config/auth.json`; its schema says what each member means. */
export type Policy = Frozen<PolicyFile>;
/** Seconds. */
export type Lifetimes = Policy['lifetimes'];
export type RolePolicy = Policy['roles'][string];

type Resource = Policy['resources'][number];
/** What a request needs, by what its headers say; scopes of the resource. */
export type RequestScopes = Pick<Resource, 'requiredScopes' | 'tools' | 'methods' | 'unnamedRequests'>;
export type ResourcePolicy = Omit<Resource, keyof RequestScopes> & Partial<RequestScopes>;
export type ScopePolicy = Resource['scopes'][number];

type Frozen<Value> = Value extends object ? { readonly [Name in keyof Value]: Frozen<Value[Name]> } : Value;

/** The configuration of this process. */
export function loadConfigFromProcess(): Config {
  return loadConfig(processVariables());
}

/** Reads environment and policy file to the end before it complains: `ConfigError` holds the issues of both. */
export function loadConfig(variables: Variables, readFile: ReadFile = readFromDisk): Config {
  const set = setVariables(variables);
  const path = findPolicyFile(set, readFile);
  const environment = readEnvironment(set, readFile);
  const policy = readPolicyFile(path, readFile);
  const issues = [
    // A server that runs without the store or the secret it was meant to have is worse than one that does not start.
    ...(isProduction(set) ? findMisspeltVariables(variables) : []),
    ...environment.issues,
    ...policy.issues,
    ...findIssuerTwin(path, set.ISSUER, policy.data),
    ...findFormerIssuer(path, set.ISSUER, policy.data),
  ];
  if (issues.length > 0 || !environment.data || !policy.data) throw new ConfigError(issues);
  return freezeDeeply(
    toConfig(environment.data, {
      production: isProduction(set),
      mail: findMailSettings(set),
      store: toStore(environment.data, set, readFile),
      policyFile: path,
      policy: policy.data,
    }),
  );
}

// The resource without a URI is the issuer. Another one that spells the issuer out would be the same audience twice.
function findIssuerTwin(path: string, issuer: string | undefined, policy: PolicyFile | undefined): Issue[] {
  const uris = policy?.resources.map((resource) => resource.uri) ?? [];
  const twin = issuer === undefined ? -1 : uris.indexOf(issuer);
  if (twin < 0 || !uris.includes(undefined)) return [];
  const sentence = 'is the issuer, which the resource without a uri stands for already';
  return [{ where: `${path} › resources[${twin}].uri`, sentence }];
}

/** A URL that is served means what is served there: who was connected to the other one there would be lost. */
function findFormerIssuer(path: string, issuer: string | undefined, policy: PolicyFile | undefined): Issue[] {
  if (!policy?.resources.some(({ uri }) => uri === undefined)) return [];
  return policy.resources.flatMap(({ formerly = [] }, index) => {
    const at = issuer === undefined ? -1 : formerly.indexOf(issuer);
    const where = `${path} › resources[${index}].formerly[${at}]`;
    return at < 0 ? [] : [{ where, sentence: 'is the issuer, where the resource without a uri is now' }];
  });
}

type Read = Pick<Config, 'production' | 'mail' | 'store' | 'policyFile'> & { readonly policy: PolicyFile };

function toConfig(environment: Environment, read: Read): Config {
  return {
    host: environment.HOST,
    port: environment.PORT,
    issuer: environment.ISSUER,
    storeSecrets: environment.STORE_SECRET,
    cookieKeys: environment.COOKIE_KEYS,
    signingKeysFile: environment.SIGNING_KEYS_FILE,
    trustedProxies: environment.TRUSTED_PROXIES,
    egressProxy: environment.HTTPS_PROXY ? { url: environment.HTTPS_PROXY, except: environment.NO_PROXY } : undefined,
    // Never where other people come: its password is printed in the README.
    demo: environment.DEMO && !environment.ISSUER?.startsWith('https:'),
    shutdownDelay: environment.SHUTDOWN_DELAY ?? (read.production ? 5 : 0),
    metricsPort: environment.METRICS_PORT,
    keepAliveTimeout: environment.KEEP_ALIVE_TIMEOUT,
    logLevel: environment.LOG_LEVEL,
    ...read,
  };
}

function toStore(environment: Environment, set: Variables, readFile: ReadFile): StoreLocation {
  const connection = findRedisConnection(set, readFile);
  if (!connection) return { kind: 'sqlite', file: environment.DATABASE };
  return { kind: 'redis', prefix: environment.REDIS_PREFIX, connection };
}

function freezeDeeply<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) freezeDeeply(member);
  return value;
}
