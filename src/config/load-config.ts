import type { JudgeClient } from './client-checks.ts';
import type { Config, Policy, StoreConfig } from './config.ts';
import { ConfigError, type Problem } from './config-error.ts';
import { type Environment, processVariables, type Variables } from './environment.ts';
import { freezeDeeply } from './freeze.ts';
import { findMisspeltVariables } from './misspelt-variables.ts';
import { isProduction } from './production.ts';
import { readEnvironment, setVariables } from './read-environment.ts';
import { findPolicyFile, type ReadFile, readFromDisk, readPolicyFile } from './read-policy-file.ts';
import { findRedisConnection } from './redis-settings.ts';
import { findSigningKeysMistakes, type JudgeSigningKeys } from './signing-keys-file.ts';

/** What other rooms know of a setting. This one may not ask them: whoever composes it brings them along. */
export interface Judges {
  readonly client?: JudgeClient;
  readonly signingKeys?: JudgeSigningKeys;
}

/** The configuration of this process. */
export function loadConfigFromProcess(judges?: Judges): Config {
  return loadConfig(processVariables(), readFromDisk, judges);
}

/** Reads environment and policy file to the end before it complains: `ConfigError` holds every mistake of both. */
export function loadConfig(variables: Variables, readFile: ReadFile = readFromDisk, judges: Judges = {}): Config {
  const set = setVariables(variables);
  const path = findPolicyFile(set, readFile);
  const environment = readEnvironment(set, [
    ...findSigningKeysMistakes(set.SIGNING_KEYS_FILE, readFile, judges.signingKeys),
    // A server that runs without the store or the secret it was meant to have is worse than one that does not start.
    ...(isProduction(set) ? findMisspeltVariables(variables) : []),
  ]);
  const policy = readPolicyFile(path, readFile, judges.client ?? (() => []));
  const problems = [...environment.problems, ...policy.problems, ...findIssuerTwin(path, set.ISSUER, policy.value)];
  if (problems.length > 0 || !environment.value || !policy.value) throw new ConfigError(problems);
  return freezeDeeply(toConfig(environment.value, set, { policyFile: path, policy: policy.value }));
}

// The resource without a URI is the issuer. Another one that spells the issuer out would be the same audience twice.
function findIssuerTwin(path: string, issuer: string | undefined, policy: Policy | undefined): Problem[] {
  const uris = policy?.resources.map((resource) => resource.uri) ?? [];
  const twin = issuer === undefined ? -1 : uris.indexOf(issuer);
  if (twin < 0 || !uris.includes(undefined)) return [];
  const sentence = 'is the issuer, which the resource without a uri stands for already';
  return [{ where: `${path} › resources[${twin}].uri`, sentence }];
}

function toConfig(environment: Environment, set: Variables, read: Pick<Config, 'policyFile' | 'policy'>): Config {
  return {
    production: isProduction(set),
    host: environment.HOST,
    port: environment.PORT,
    issuer: environment.ISSUER,
    store: toStore(environment, set),
    storeSecret: environment.STORE_SECRET,
    cookieKeys: environment.COOKIE_KEYS,
    signingKeysFile: environment.SIGNING_KEYS_FILE,
    trustedProxies: environment.TRUSTED_PROXIES,
    demo: environment.DEMO,
    logLevel: environment.LOG_LEVEL,
    ...read,
  };
}

function toStore(environment: Environment, set: Variables): StoreConfig {
  const connection = findRedisConnection(set);
  if (!connection) return { kind: 'sqlite', file: environment.DATABASE };
  return { kind: 'redis', prefix: environment.REDIS_PREFIX, connection };
}
