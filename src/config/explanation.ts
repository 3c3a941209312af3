import type { z } from 'zod';

/** What the schema says about one setting; the README tables and the error messages are made of it. */
export interface Explanation {
  readonly description: string;
  readonly example?: string;
  /** Further rules, for the table only. */
  readonly note?: string;
  /** What holds when the setting is absent and the schema has no fixed default. */
  readonly fallback?: string;
  /** Production refuses to start with the default. */
  readonly developmentOnly?: boolean;
}

export function explanationOf(schema: z.core.$ZodType | undefined): Explanation {
  const { description = '', ...rest } = (schema as z.ZodType | undefined)?.meta() ?? {};
  return { description, ...rest };
}

/** The sentence for a setting that must be there and is not. */
export function missingSentence(schema: z.core.$ZodType | undefined): string {
  const { description, example } = explanationOf(schema);
  return `is missing: ${description}${example === undefined ? '' : `, e.g. ${example}`}`;
}
