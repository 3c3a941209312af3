import type { z } from 'zod';

/** What is wrong with one member of a body. */
export interface MemberError {
  readonly path: string;
  readonly sentence: string;
}

type Validated<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly errors: MemberError[] };

/** Every error at once, by the path of the member. Never with the value: answers end up in logs. */
export function validate<T extends z.ZodType>(schema: T, body: unknown): Validated<z.output<T>> {
  const result = schema.safeParse(body, { reportInput: true });
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, errors: result.error.issues.flatMap(describe) };
}

function describe(issue: z.core.$ZodIssue): MemberError[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: format([...issue.path, key]), sentence: 'is not a known member' }));
  const isMissing = issue.code !== 'custom' && issue.input === undefined;
  return [{ path: format(issue.path), sentence: isMissing ? 'is missing' : issue.message }];
}

/** `[3].account`, `account.id`. A name that is not a plain word is quoted, so that it cannot disturb a terminal. */
function format(path: readonly PropertyKey[]): string {
  return path.reduce<string>((before, key) => {
    if (typeof key === 'number') return `${before}[${key}]`;
    const name = String(key);
    if (!/^[\w-]+$/.test(name)) return `${before}[${JSON.stringify(name)}]`;
    return before === '' ? name : `${before}.${name}`;
  }, '');
}
