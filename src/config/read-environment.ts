import type { z } from 'zod';
import { findKeyIssues } from '../keys/index.ts';
import { type Environment, environmentSchema, type Variables } from './environment.ts';
import { formatPath, type Issue, issuesOf, type Parsed } from './issues.ts';
import { findDevelopmentDefaults, isProduction } from './production.ts';
import type { ReadFile } from './read-policy-file.ts';
import { findRedisIssues } from './redis.ts';
import { explanationOf, missingSentence } from './schema.ts';
import { findMailIssues } from './smtp.ts';

/** Variables that are set; an empty one, as in `ISSUER=`, is not. */
export function setVariables(variables: Variables): Variables {
  const names = Object.keys(environmentSchema.shape);
  return Object.fromEntries(names.map((name) => [name, find(name, variables)]));
}

/** Programs write the variables of proxies in small letters, too. */
function find(name: string, variables: Variables): string | undefined {
  const spellings = name.endsWith('_PROXY') ? [name, name.toLowerCase()] : [name];
  return spellings.map((each) => variables[each]).find((value) => value !== undefined && value !== '');
}

export function readEnvironment(set: Variables, readFile: ReadFile): Parsed<Environment> {
  const { data, error } = environmentSchema.safeParse(set, { reportInput: true });
  const issues = [
    ...issuesOf(environmentSchema, error, formatPath),
    ...findRedisIssues(set, readFile),
    ...findMailIssues(set),
    ...(isProduction(set) ? [...findMissing(set), ...findDevelopmentDefaults(set)] : []),
    ...findSigningKeysIssues(set.SIGNING_KEYS_FILE, readFile),
  ];
  return { data, issues: inOrderOfTable(issues) };
}

/** What production must be told; DEMO has a sentence of its own. */
function findMissing(set: Variables): Issue[] {
  const fields = Object.entries<z.ZodType>(environmentSchema.shape);
  return fields
    .filter(([name, field]) => set[name] === undefined && name !== 'DEMO' && explanationOf(field).developmentOnly)
    .map(([where, field]) => ({ where, sentence: missingSentence(field) }));
}

function findSigningKeysIssues(file: string | undefined, readFile: ReadFile): Issue[] {
  if (file === undefined) return [];
  return findKeySentences(file, readFile).map((sentence) => ({ where: 'SIGNING_KEYS_FILE', sentence }));
}

function findKeySentences(file: string, readFile: ReadFile): readonly string[] {
  let keys: string;
  try {
    keys = readFile(file, 'utf8');
  } catch {
    return [`names a file that cannot be read: ${file}`];
  }
  return findKeyIssues(keys);
}

function inOrderOfTable(issues: readonly Issue[]): Issue[] {
  const names = Object.keys(environmentSchema.shape);
  return issues.toSorted((one, other) => names.indexOf(one.where) - names.indexOf(other.where));
}
