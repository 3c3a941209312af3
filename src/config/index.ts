/**
 * What the operator decided.
 *
 * Reads the environment and the policy file (`config/auth.json`) once, at the start, and answers with one frozen
 * `Config`, or with one `ConfigError` that names every issue of both in plain sentences. It is the only module that
 * looks at the environment, and it decides which development defaults production refuses.
 *
 * It checks spelling and contradictions. It does not know whether Redis answers, or how a wildcard becomes a list of
 * scopes; which client could work it asks `clients`, and which keys sign it asks `keys`. `process` and the library load;
 * every other module is handed what it needs.
 */
export {
  type Config,
  type Lifetimes,
  loadConfig,
  loadConfigFromProcess,
  type Policy,
  type RequestScopes,
  type ResourcePolicy,
  type RolePolicy,
  type ScopePolicy,
} from './config.ts';
export { consolePolicy } from './directory.ts';
export { policyTable, variablesTable } from './documentation.ts';
export { processVariables } from './environment.ts';
export { ConfigError, type Issue } from './issues.ts';
export { findMissingWords } from './missing-words.ts';
export { findMisspeltVariables } from './misspelt-variables.ts';
export { settingOfStore } from './redis.ts';
export { acrValuesElsewhere, takesPasswords } from './ways-in.ts';
