import { missingKeys } from '../messages/index.ts';
import type { Policy } from './config.ts';
import { formatPath, type Issue } from './issues.ts';

type ByLanguage = { readonly [language: string]: string };

const mostListed = 20;

/** What is said in another language than the page's: no reason not to start, and nothing that people should read for long. */
export function findMissingWords({ languages, messages, resources, directory, identityProviders }: Policy): Issue[] {
  const texts = [
    ...resources.flatMap(({ scopes }, resource) =>
      scopes.flatMap(({ group, sentence }, scope) => {
        const path = ['resources', resource, 'scopes', scope];
        return [placed([...path, 'group'], group), placed([...path, 'sentence'], sentence)];
      }),
    ),
    placed(['directory', 'button'], directory.button),
    ...identityProviders.map(({ button }, index) => placed(['identityProviders', index, 'button'], button)),
  ];
  return languages.flatMap((language) => [
    ...describeKeys(language, missingKeys(language, messages[language])),
    ...texts
      .filter(({ text }) => typeof text === 'object' && !Object.hasOwn(text, language))
      .map(({ where }) => ({ where, sentence: `is not there in ${language}` })),
  ]);
}

function placed(path: readonly PropertyKey[], text: string | ByLanguage | undefined) {
  return { where: formatPath(path), text };
}

function describeKeys(language: string, keys: readonly string[]): Issue[] {
  if (keys.length === 0) return [];
  const more = keys.length > mostListed ? `, and ${keys.length - mostListed} more` : '';
  const listed = keys.slice(0, mostListed).join(', ');
  return [{ where: formatPath(['messages', language]), sentence: `lacks, and says in English: ${listed}${more}` }];
}
