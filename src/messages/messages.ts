import { readFileSync } from 'node:fs';
import { compileMessage, type Message, type Values } from './message.ts';
import { readMessageFile } from './read-file.ts';

/** What an operator wrote for people: in each language, or as it is in all of them. */
export type Text = string | { readonly [language: string]: string };

/** What is said in one language. */
export interface Words {
  /** A BCP 47 tag: the `lang` of what is said. */
  readonly language: string;
  readonly dir: 'ltr' | 'rtl';
  /** Plain text. */
  say(key: string, values?: Values): string;
  /** Escaped HTML: values isolated by `<bdi>`, and what the message marks as an element. */
  html(key: string, values?: Values): string;
  /** An operator's text in this language, or in the first that there is. */
  pick(text: Text): string;
  count(number: number): string;
  /** Several things in one sentence. */
  list(things: readonly string[]): string;
  /** A day, in UTC: the reader's time zone is unknown, and a month away one day more or less does not matter. */
  day(seconds: number): string;
  /** As people sort and count: "Team 2" before "Team 10". */
  compare(a: string, b: string): number;
}

export interface Messages {
  /** The first is the fallback. */
  readonly languages: readonly string[];
  /** In a language that there is, or in the first. */
  for(language: string): Words;
}

/** Of which this package has all messages. */
export const shippedLanguages: readonly string[] = ['en', 'ko'];

interface Options {
  readonly languages?: readonly string[];
  /** An operator's own, by language and key: other words, or a language that is not shipped. */
  readonly own?: { readonly [language: string]: Readonly<Record<string, string>> };
}

export function createMessages({ languages = shippedLanguages, own = {} }: Options = {}): Messages {
  const byLanguage = new Map(languages.map((language) => [language, createWords(language, own[language] ?? {})]));
  const first = byLanguage.get(languages[0] ?? '') ?? createWords('en', {});
  return { languages, for: (language) => byLanguage.get(language) ?? first };
}

const shipped = new Map<string, ReadonlyMap<string, string>>();

/** Nothing for a language that is not shipped. */
export function shippedMessages(language: string): ReadonlyMap<string, string> {
  const known = shipped.get(language);
  if (known) return known;
  if (!shippedLanguages.includes(language)) return new Map();
  const { messages } = readMessageFile(readFileSync(new URL(`${language}.mf2`, import.meta.url), 'utf8'));
  const read = new Map([...messages].map(([key, { source }]) => [key, source]));
  shipped.set(language, read);
  return read;
}

function createWords(language: string, own: Readonly<Record<string, string>>): Words {
  const ready = new Map<string, Message>();
  const sources = [{ language, find: (key: string) => own[key] ?? shippedMessages(language).get(key) }];
  // What an operator's language lacks is said in English: `config check` names it.
  if (language !== 'en') sources.push({ language: 'en', find: (key) => shippedMessages('en').get(key) });

  function compile(key: string): Message {
    for (const each of sources) {
      const source = each.find(key);
      if (source !== undefined) return compileMessage(each.language, source);
    }
    throw new TypeError(`no message is called ${key}`);
  }

  function find(key: string): Message {
    const known = ready.get(key);
    if (known) return known;
    const fresh = compile(key);
    ready.set(key, fresh);
    return fresh;
  }

  // `en` alone would write dates as in the United States.
  const locale = language === 'en' ? 'en-GB' : language;
  const numbers = new Intl.NumberFormat(locale);
  const days = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' });
  const lists = new Intl.ListFormat(locale);
  const { compare } = new Intl.Collator(locale, { numeric: true, sensitivity: 'base' });
  return {
    language,
    dir: isRightToLeft(language) ? 'rtl' : 'ltr',
    say: (key, values) => find(key).say(values),
    html: (key, values) => find(key).html(values),
    pick: (text) => (typeof text === 'string' ? text : (text[language] ?? Object.values(text)[0] ?? '')),
    count: (number) => numbers.format(number),
    list: (things) => lists.format(things),
    day: (seconds) => days.format(seconds * 1000),
    compare,
  };
}

function isRightToLeft(language: string): boolean {
  const { script = '' } = new Intl.Locale(language).maximize();
  return ['Arab', 'Hebr', 'Thaa', 'Syrc', 'Nkoo', 'Adlm', 'Rohg'].includes(script);
}
