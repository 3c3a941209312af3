import type { z } from 'zod';
import type { Problem, Reading } from './config-error.ts';
import { type Environment, environmentSchema, type Variables } from './environment.ts';
import { explanationOf, missingSentence } from './explanation.ts';
import { formatPath, problemsOf } from './problems.ts';
import { findDevelopmentDefaults, isProduction } from './production.ts';
import { findRedisContradictions } from './redis-settings.ts';

/** Variables that are set; an empty one, as in `ISSUER=`, is not. */
export function setVariables(variables: Variables): Variables {
  const names = Object.keys(environmentSchema.shape);
  return Object.fromEntries(names.map((name) => [name, variables[name] === '' ? undefined : variables[name]]));
}

/** `found` are mistakes that reading the variables themselves does not show. */
export function readEnvironment(set: Variables, found: readonly Problem[] = []): Reading<Environment> {
  const parsed = environmentSchema.safeParse(set, { reportInput: true });
  const problems = [
    ...problemsOf(environmentSchema, parsed.error?.issues ?? [], formatPath),
    ...findRedisContradictions(set),
    ...findMissingInProduction(set),
    ...findDevelopmentDefaults(set),
    ...found,
  ];
  return { value: parsed.data, problems: inOrderOfTable(problems) };
}

function findMissingInProduction(set: Variables): Problem[] {
  if (!isProduction(set)) return [];
  const fields = Object.entries<z.ZodType>(environmentSchema.shape);
  const missing = fields.filter(([name, field]) => set[name] === undefined && name !== 'DEMO' && isRefused(field));
  return missing.map(([where, field]) => ({ where, sentence: missingSentence(field) }));
}

function isRefused(field: z.ZodType): boolean {
  return explanationOf(field).developmentOnly === true;
}

function inOrderOfTable(problems: readonly Problem[]): Problem[] {
  const names = Object.keys(environmentSchema.shape);
  return problems.toSorted((one, other) => names.indexOf(one.where) - names.indexOf(other.where));
}
