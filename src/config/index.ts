/**
 * What the operator decided.
 *
 * Reads the environment and the policy file (`config/auth.json`) once, at the start, and answers with one frozen
 * `Config`, or with one `ConfigError` that names every mistake of both in plain sentences. It is the only room that
 * looks at the environment, and it decides which development defaults production refuses.
 *
 * It checks spelling and contradictions. It does not know whether Redis answers, or how a wildcard becomes a list of
 * scopes. Which client could work and which keys sign it does not know either: those rules are brought along
 * (`src/load-config.ts`). `main.ts` and the library door load; every other room is handed what it needs.
 */
export type { JudgeClient } from './client-checks.ts';
export type * from './config.ts';
export { ConfigError, type Problem } from './config-error.ts';
export { policyTable, variablesTable } from './documentation.ts';
export { processVariables } from './environment.ts';
export { type Judges, loadConfig, loadConfigFromProcess } from './load-config.ts';
export { findMisspeltVariables } from './misspelt-variables.ts';
