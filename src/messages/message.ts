import { MessageFormat, type Model, parseMessage, validate, visit } from 'messageformat';
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
  const parts = (values: Values = {}) => format.formatToParts(values, refuse);
  return { say: (values) => asText(parts(values)), html: (values) => asHtml(parts(values)) };
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

/** The names of what is filled in, by which two languages are compared. Throws when it is no message. */
export function placeholdersOf(source: string): ReadonlySet<string> {
  const model = parseMessage(source);
  validate(model);
  const local = new Set(model.declarations.filter(({ type }) => type === 'local').map(({ name }) => name));
  const names = new Set<string>();
  visit(model, {
    value(value) {
      if (typeof value === 'object' && value.type === 'variable' && !local.has(value.name)) names.add(value.name);
    },
  });
  return names;
}
