import { z } from 'zod';
import { environmentSchema } from './environment.ts';
import { policyFileSchema } from './policy-file.ts';
import { type Explanation, explanationOf, withoutDefault } from './schema.ts';

type Schema = z.core.$ZodType;

/** The environment as a Markdown table, for the README. */
export function variablesTable(): string {
  const rows = Object.entries(environmentSchema.shape).map(([name, field]) => row(name, field, '–'));
  return table('variable', rows);
}

/** The members of `config/auth.json` as a Markdown table, for the README. */
export function policyTable(): string {
  return table('member', memberRows(policyFileSchema, ''));
}

function memberRows(parent: Schema, before: string): string[] {
  const schema = withoutDefault(parent);
  if (schema instanceof z.ZodArray) return memberRows(schema.element, `${before}[]`);
  if (schema instanceof z.ZodRecord) return memberRows(schema.valueType, `${before}.<role>`);
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries<Schema>(schema.shape).flatMap(([name, member]) => {
    const path = before === '' ? name : `${before}.${name}`;
    return [row(path, member, 'required'), ...memberRows(member, path)];
  });
}

function table(first: string, rows: readonly string[]): string {
  return [`| ${first} | default | meaning |`, '|---|---|---|', ...rows].join('\n');
}

function row(name: string, field: Schema, absent: string): string {
  const explanation = explanationOf(field);
  const mark = explanation.developmentOnly ? ' †' : '';
  const cells = [`\`${name}\``, (explanation.fallback ?? fixedDefault(field) ?? absent) + mark, meaning(explanation)];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

// What the schema really falls back to, so that the table cannot promise another value.
function fixedDefault(field: Schema): string | undefined {
  if (!(field instanceof z.ZodPrefault)) return undefined;
  const value = field.def.defaultValue;
  if (Array.isArray(value)) return `\`${JSON.stringify(value)}\``;
  return typeof value === 'object' ? 'see its members' : `\`${value}\``;
}

function meaning({ description, example, note }: Explanation): string {
  const shown = example === undefined ? '' : ` (e.g. \`${example}\`)`;
  return `${description}${shown}${note === undefined ? '' : `; ${note}`}`;
}
