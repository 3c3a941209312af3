import { MessageFormat, type Model, parseMessage, validate, visit } from 'messageformat';
import QuickLRU from 'quick-lru';
import { asHtml, escapeHtml } from './html.ts';
import { asText } from './text.ts';

export type Values = Readonly<Record<string, string | number>>;

/** One message of one language, ready to be said. */
export interface Message {
  say(values?: Values): string;
  html(values?: Values): string;
}

/** A message without anything to fill in is said without being formatted. */
export function compileMessage(language: string, source: string): Message {
  const model = parseMessage(source);
  const constant = constantOf(model);
  if (constant !== undefined) {
    const html = escapeHtml(constant);
    return { say: () => constant, html: () => html };
  }
  const format = new MessageFormat(language, model);
  const parts = (values: Values) => format.formatToParts(values, refuse);
  return { say: keepSaid((values) => asText(parts(values))), html: keepSaid((values) => asHtml(parts(values))) };
}

/** Of each message. */
const mostKept = 25;
/** Names are shorter, and a link that is a secret is longer. */
const longestKept = 64;

/** What was said of numbers and names is said again; to format one makes new `Intl` objects, which costs most. */
function keepSaid(format: (values: Values) => string): (values?: Values) => string {
  const kept = new QuickLRU<string, string>({ maxSize: mostKept });
  return (values = {}) => {
    if (Object.values(values).some((value) => typeof value === 'string' && value.length > longestKept))
      return format(values);
    const key = JSON.stringify(values);
    const known = kept.get(key);
    if (known !== undefined) return known;
    const said = format(values);
    kept.set(key, said);
    return said;
  };
}

/** A blank, or the name of what is missing, is no sentence to decide by. */
function refuse(error: unknown): never {
  throw error;
}

function constantOf(model: Model.Message): string | undefined {
  if (model.type !== 'message' || model.declarations.length > 0) return undefined;
  const isText = model.pattern.every((part) => typeof part === 'string');
  return isText ? model.pattern.join('') : undefined;
}

/** What speaks against a message in place of the English one; nothing when it can be said. */
export function findIssue(language: string, key: string, source: string, english: string): string | undefined {
  try {
    const [own, wanted] = [whatIsIn(source), whatIsIn(english)];
    const differs = differenceOf(own.values, wanted.values, (name) => `{$${name}}`);
    if (differs !== undefined) return `${differs} in ${key}`;
    const marked = differenceOf(own.marks, wanted.marks, (name) => `{#${name}}`);
    if (marked !== undefined) return `${marked} in ${key}`;
    new MessageFormat(language, source);
    return undefined;
  } catch (error) {
    return `is not MessageFormat 2 in ${key}: ${(error as Error).message}`;
  }
}

function differenceOf(own: ReadonlySet<string>, wanted: ReadonlySet<string>, spell: (name: string) => string) {
  const unknown = [...own.difference(wanted)].map(spell);
  const left = [...wanted.difference(own)].map(spell);
  if (unknown.length > 0) return `has ${unknown.join(', ')}, which the page does not know,`;
  return left.length > 0 ? `lacks ${left.join(', ')}` : undefined;
}

/** What is filled in, and what is marked: by that two languages are compared. Throws when it is no message. */
function whatIsIn(source: string) {
  const model = parseMessage(source);
  validate(model);
  const local = new Set(model.declarations.filter(({ type }) => type === 'local').map(({ name }) => name));
  const values = new Set<string>();
  const marks = new Set<string>();
  visit(model, {
    value(value) {
      if (typeof value === 'object' && value.type === 'variable' && !local.has(value.name)) values.add(value.name);
    },
    markup(markup) {
      marks.add(markup.name);
    },
  });
  return { values, marks };
}
