import { z } from 'zod';

type Schema = z.core.$ZodType;

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

export function explanationOf(schema: Schema | undefined): Explanation {
  const { description = '', ...rest } = (schema as z.ZodType | undefined)?.meta() ?? {};
  return { description, ...rest };
}

/** The sentence for a setting that must be there and is not. */
export function missingSentence(schema: Schema | undefined): string {
  const { description, example } = explanationOf(schema);
  return `is missing: ${description}${example === undefined ? '' : `, e.g. ${example}`}`;
}

/** A text under a rule of ours, which answers with the sentence for the operator, or with nothing when all is well. */
export function text(rule: (text: string) => string | undefined) {
  return z.string('must be a text').superRefine((value, context) => {
    const sentence = rule(value);
    if (sentence !== undefined) context.addIssue(sentence);
  });
}

/** A text for people. */
export function words() {
  return z.string('must be a text').trim().refine(isFilled, 'must not be empty');
}

/** OIDC Core §3.1.2.1: in a request they stand in one text, parted by blanks. */
export function acrValues() {
  const one = z.string('must be a text').regex(/^[!-~]+$/, 'must be visible ASCII characters without a blank');
  return z.array(one, 'must be a list of texts').optional();
}

export function wholeNumber(least: number) {
  const sentence = `must be a whole number, ${least} or more`;
  return z.int({ error: sentence, abort: true }).min(least, sentence);
}

/** Refuses each entry of a list whose member another one before it has; two absent ones are equal, too. */
export function uniqueBy<Name extends string>(member: Name) {
  return (entries: readonly { readonly [name in Name]?: unknown }[], context: z.core.$RefinementCtx): void => {
    const values = entries.map((entry) => entry[member]);
    for (const [index, value] of values.entries()) {
      const first = values.indexOf(value);
      if (first === index) continue;
      const message =
        value === undefined ? `may be absent once only, as in entry ${first}` : `is the same as in entry ${first}`;
      context.addIssue({ code: 'custom', path: [index, member], message });
    }
  };
}

/** The schema below `.optional()`, `.default()` and `.prefault()`. */
export function withoutDefault(schema: Schema): Schema {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return withoutDefault(schema.unwrap());
  }
  return schema;
}

/** The schema of what lies at `path` below `schema`. */
export function memberAt(schema: Schema | undefined, path: readonly PropertyKey[]): Schema | undefined {
  return path.reduce<Schema | undefined>((parent, key) => parent && childOf(withoutDefault(parent), key), schema);
}

function childOf(parent: Schema, key: PropertyKey): Schema | undefined {
  if (parent instanceof z.ZodObject) return parent.shape[String(key)];
  if (parent instanceof z.ZodArray) return parent.element;
  if (parent instanceof z.ZodRecord) return parent.valueType;
  return undefined;
}

/** The names that an object of this schema knows. */
export function memberNames(schema: Schema | undefined): readonly string[] {
  const object = schema && withoutDefault(schema);
  return object instanceof z.ZodObject ? Object.keys(object.shape) : [];
}

/** In place of zod's `min(1)` (4.6), which looks at the length of what is neither text nor list as well, and may throw there. */
export function isFilled({ length }: { readonly length: number }): boolean {
  return length > 0;
}
