import type { z } from 'zod';
import { findClosestName } from './closest-name.ts';
import { memberAt, memberNames, missingSentence } from './schema.ts';

/** What is wrong with one setting of the operator. Never holds the value, which may be a secret. */
export interface Issue {
  readonly where: string;
  readonly sentence: string;
}

/** A value, or the issues for which there is none. */
export interface Parsed<Value> {
  readonly data?: Value | undefined;
  readonly issues: readonly Issue[];
}

/** All issues of environment and file together, so that nobody has to start the server once for each of them. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'CONFIG_INVALID';
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    super(formatIssues(issues));
    this.issues = issues;
  }
}

function formatIssues(issues: readonly Issue[]): string {
  const count = issues.length === 1 ? '1 setting needs attention' : `${issues.length} settings need attention`;
  const width = Math.max(...issues.map((issue) => issue.where.length));
  const lines = issues.map((issue) => `  ${issue.where.padEnd(width)}  ${issue.sentence}`);
  return [`This server cannot start: ${count}.`, ...lines].join('\n');
}

type WhereIs = (path: readonly PropertyKey[]) => string;

/** The issues of zod in our words. `whereIs` says where a path lies for the operator. */
export function issuesOf(schema: z.ZodType, error: z.ZodError | undefined, whereIs: WhereIs): Issue[] {
  return (error?.issues ?? []).flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return unknownMembers(schema, issue, whereIs);
    const missing = issue.code === 'invalid_type' && issue.input === undefined;
    const sentence = missing ? missingSentence(memberAt(schema, issue.path)) : issue.message;
    return [{ where: whereIs(issue.path), sentence }];
  });
}

function unknownMembers(
  schema: z.ZodType,
  { path, keys }: z.core.$ZodIssueUnrecognizedKeys,
  whereIs: WhereIs,
): Issue[] {
  const known = memberNames(memberAt(schema, path));
  return keys.map((name) => ({
    where: whereIs([...path, name]),
    sentence: `is not a known member${didYouMean(name, known)}`,
  }));
}

/** The end of a sentence about an unknown name; empty where no known one is close. */
export function didYouMean(name: string, known: readonly string[]): string {
  const meant = findClosestName(name, known);
  return meant === undefined ? '' : `; did you mean ${meant}?`;
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
