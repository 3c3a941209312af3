import { placeholdersOf } from './message.ts';
import { shippedMessages } from './messages.ts';
import { readMessageFile } from './read-file.ts';

export interface MessageFileIssue {
  /** Absent: of the file as a whole. */
  readonly line?: number;
  readonly sentence: string;
}

/** An operator's file: which of its messages can be used, and what is wrong or missing. */
export function checkMessageFile(
  language: string,
  text: string,
): { readonly messages: Readonly<Record<string, string>>; readonly issues: readonly MessageFileIssue[] } {
  const { messages, mistakes } = readMessageFile(text);
  const issues: MessageFileIssue[] = [...mistakes];
  const english = shippedMessages('en');
  for (const [key, { source, line }] of messages) {
    const sentence = mistakeIn(key, source, english.get(key));
    if (sentence !== undefined) issues.push({ line, sentence });
  }
  const shipped = shippedMessages(language);
  const missing = [...english.keys()].filter((key) => !messages.has(key) && !shipped.has(key));
  if (missing.length > 0) issues.push({ sentence: `lacks ${listed(missing)}` });
  const usable = [...messages].map(([key, { source }]) => [key, source] as const);
  return { messages: Object.fromEntries(usable), issues };
}

function mistakeIn(key: string, source: string, english: string | undefined): string | undefined {
  if (english === undefined) return `has ${key}, which is no message`;
  try {
    const [own, wanted] = [placeholdersOf(source), placeholdersOf(english)];
    const unknown = [...own].filter((name) => !wanted.has(name));
    const unused = [...wanted].filter((name) => !own.has(name));
    if (unknown.length > 0) return `has ${variables(unknown)} in ${key}, which nothing fills in`;
    return unused.length > 0 ? `lacks ${variables(unused)} in ${key}` : undefined;
  } catch (error) {
    return `is not MessageFormat 2 in ${key}: ${(error as Error).message}`;
  }
}

const variables = (names: readonly string[]) => names.map((name) => `{$${name}}`).join(', ');

const mostListed = 10;

function listed(keys: readonly string[]): string {
  const more = keys.length - mostListed;
  return `${keys.slice(0, mostListed).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
