import { findIssue } from './message.ts';
import { shippedMessages } from './messages.ts';
import { readMessageFile } from './read-file.ts';

interface MessageFileIssue {
  readonly line: number;
  readonly sentence: string;
}

/** An operator's file: its messages, and what is wrong with them. */
export function checkMessageFile(
  language: string,
  text: string,
): { readonly messages: Readonly<Record<string, string>>; readonly issues: readonly MessageFileIssue[] } {
  const { messages, issues } = readMessageFile(text);
  const english = shippedMessages('en');
  const wrong = [...messages].flatMap(([key, { source, line }]) => {
    const sentence = english.has(key)
      ? findIssue(language, key, source, english.get(key) ?? '')
      : `has ${key}, which is no message`;
    return sentence === undefined ? [] : [{ line, sentence }];
  });
  const sources = [...messages].map(([key, { source }]) => [key, source]);
  return { messages: Object.fromEntries(sources), issues: [...issues, ...wrong].toSorted((a, b) => a.line - b.line) };
}

/** The keys that are said in English, because neither these messages nor what is shipped has them in this language. */
export function missingKeys(language: string, own: Readonly<Record<string, string>> = {}): string[] {
  const shipped = shippedMessages(language);
  return [...shippedMessages('en').keys()].filter((key) => !Object.hasOwn(own, key) && !shipped.has(key));
}
