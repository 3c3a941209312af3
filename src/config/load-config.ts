import type { Config, Policy, StoreConfig } from './config.ts';
import { ConfigError, type Problem } from './config-error.ts';
import { type Environment, environmentSchema, processVariables, type Variables } from './environment.ts';
import { freezeDeeply } from './freeze.ts';
import { isProduction } from './production.ts';
import { readEnvironment, setVariables } from './read-environment.ts';
import { type ReadFile, readFromDisk, readPolicyFile } from './read-policy-file.ts';
import { findRedisConnection } from './redis-settings.ts';

/** The configuration of this process. */
export function loadConfigFromProcess(): Config {
  return loadConfig(processVariables());
}

/** Reads environment and policy file to the end before it complains: `ConfigError` holds every mistake of both. */
export function loadConfig(variables: Variables, readFile: ReadFile = readFromDisk): Config {
  const set = setVariables(variables);
  const path = environmentSchema.shape.CONFIG_FILE.parse(set.CONFIG_FILE);
  const environment = readEnvironment(set);
  const policy = readPolicyFile(path, readFile);
  const problems = [...environment.problems, ...policy.problems, ...findIssuerTwin(path, set.ISSUER, policy.value)];
  if (problems.length > 0 || !environment.value || !policy.value) throw new ConfigError(problems);
  return freezeDeeply(toConfig(environment.value, set, policy.value));
}

// The resource without a URI is the issuer. Another one that spells the issuer out would be the same audience twice.
function findIssuerTwin(path: string, issuer: string | undefined, policy: Policy | undefined): Problem[] {
  const uris = policy?.resources.map((resource) => resource.uri) ?? [];
  const twin = issuer === undefined ? -1 : uris.indexOf(issuer);
  if (twin < 0 || !uris.includes(undefined)) return [];
  const sentence = 'is the issuer, which the resource without a uri stands for already';
  return [{ where: `${path} › resources[${twin}].uri`, sentence }];
}

function toConfig(environment: Environment, set: Variables, policy: Policy): Config {
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
    policy,
  };
}

function toStore(environment: Environment, set: Variables): StoreConfig {
  const connection = findRedisConnection(set);
  if (!connection) return { kind: 'sqlite', file: environment.DATABASE };
  return { kind: 'redis', prefix: environment.REDIS_PREFIX, connection };
}
