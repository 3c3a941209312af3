import { findClosestName } from './closest-name.ts';
import { environmentSchema, type Variables } from './environment.ts';
import type { Issue } from './issues.ts';

const known = Object.keys(environmentSchema.shape);
const longNames = known.filter((name) => name.length > 4);

/** What machines behind a proxy have, whoever reads it. */
const ofProxies = /^(https?|ftp|all|no)_proxy$/i;

/**
 * Variables that look like one of ours and are none: `REDIS_ULR`. Whoever set the right one as well did not misspell it,
 * so that a platform may have names of its own beside ours.
 */
export function findMisspeltVariables(variables: Variables): Issue[] {
  const isSet = (name: string) => (variables[name] ?? '') !== '';
  return Object.keys(variables)
    .filter((name) => isSet(name) && !known.includes(name) && !ofProxies.test(name))
    .flatMap((name) => {
      const meant = findMeantVariable(name);
      if (meant === undefined || isSet(meant)) return [];
      return [{ where: name, sentence: `is not a known variable; did you mean ${meant}?` }];
    });
}

function findMeantVariable(name: string): string | undefined {
  // Swapped neighbours, `PROT`; of a short name nothing else counts: one letter makes `POST` and `HOSTS` of `HOST`.
  const swapped = known.find((each) => isSameLetters(each, name));
  return swapped ?? findClosestName(name, longNames);
}

function isSameLetters(one: string, other: string): boolean {
  const letters = (name: string) => [...name.toUpperCase()].sort().join('');
  return letters(one) === letters(other);
}
