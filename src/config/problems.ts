import type { z } from 'zod';
import { findClosestName } from './closest-name.ts';
import type { Problem } from './config-error.ts';
import { missingSentence } from './explanation.ts';
import { memberAt, memberNames } from './schema-members.ts';

type Place = (path: readonly PropertyKey[]) => string;

/** zod's findings in our words. `place` says where a path lies for the operator. */
export function problemsOf(schema: z.ZodType, issues: readonly z.core.$ZodIssue[], place: Place): Problem[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return unknownMembers(schema, issue.path, issue.keys, place);
    const missing = issue.code === 'invalid_type' && issue.input === undefined;
    const sentence = missing ? missingSentence(memberAt(schema, issue.path)) : issue.message;
    return [{ where: place(issue.path), sentence }];
  });
}

function unknownMembers(
  schema: z.ZodType,
  path: readonly PropertyKey[],
  names: readonly string[],
  place: Place,
): Problem[] {
  const known = memberNames(memberAt(schema, path));
  return names.map((name) => ({ where: place([...path, name]), sentence: unknownSentence(name, known) }));
}

function unknownSentence(name: string, known: readonly string[]): string {
  const meant = findClosestName(name, known);
  return meant === undefined ? 'is not a known member' : `is not a known member; did you mean ${meant}?`;
}

/** `resources[0].scopes[3].name`; a name that is not a plain word is quoted, so that it cannot disturb a terminal. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((before, key) => {
    if (typeof key === 'number') return `${before}[${key}]`;
    const name = String(key);
    if (!/^[\w$-]+$/.test(name)) return `${before}[${JSON.stringify(name)}]`;
    return before === '' ? name : `${before}.${name}`;
  }, '');
}
