import { z } from 'zod';

type Schema = z.core.$ZodType;

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
