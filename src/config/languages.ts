import { z } from 'zod';
import { shippedLanguages } from '../messages/index.ts';
import { isFilled, words } from './schema.ts';

const sentence = 'must be a language tag such as ko or pt-BR';
const tag = z.string(sentence).refine(isTag, sentence);

/** As BCP 47 has it, in its usual spelling: pages say it as their `lang`. */
function isTag(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text)[0] === text;
  } catch {
    return false;
  }
}

export const languagesSchema = z
  .array(tag, 'must be a list of language tags')
  .refine(isFilled, 'must hold at least one language')
  .refine((tags) => new Set(tags).size === tags.length, 'names a language twice')
  .prefault([...shippedLanguages])
  .meta({
    description: 'the languages of the pages; the first is the fallback',
    example: '["ko","en"]',
    note: 'one that is neither `en` nor `ko` needs a file in `messages`',
  });

/** By language; each was a file, which `includeMessages` has read. */
export const messagesSchema = z
  .record(
    tag,
    z.record(z.string(), z.string(), 'must name a file'),
    'must be an object with the name of a file for each language',
  )
  .prefault({})
  .meta({
    description:
      'words of your own, or those of another language: a file like `src/messages/en.mf2` (in the package `dist/src/messages/en.mf2`), by language',
    example: '{ "ko": "messages/ko.mf2", "ja": "messages/ja.mf2" }',
    note: 'beside this file; messages that one lacks are taken from the shipped file of that language, or from the English one',
    fallback: '`{}`',
  });

/** What people read: as it is in every language, or in each. */
export function texts() {
  const message = 'must be a text, or an object with a text for each language';
  const each = z.record(tag, words(), message).refine((by) => Object.keys(by).length > 0, message);
  return z.union([words(), each], { error: (issue) => (issue.input === undefined ? undefined : message) });
}

interface Sections {
  readonly languages: readonly string[];
  readonly messages: { readonly [language: string]: object };
}

/** Languages that nothing speaks, and words that nobody hears. */
export function findLanguageIssues({ languages, messages }: Sections) {
  const speaks = (language: string) => shippedLanguages.includes(language) || messages[language] !== undefined;
  return [
    ...languages
      .map((language, index) => ({ language, path: ['languages', index] }))
      .filter(({ language }) => !speaks(language))
      .map(({ language, path }) => ({
        path,
        message: `has no words: name a file with those of ${language} in \`messages\``,
      })),
    ...Object.keys(messages)
      .filter((language) => !languages.includes(language))
      .map((language) => ({ path: ['messages', language], message: 'is none of `languages`' })),
  ];
}
