import { dirname, isAbsolute, join } from 'node:path';
import { checkMessageFile } from '../messages/index.ts';
import type { Issue } from './issues.ts';

type Read = (path: string, encoding: 'utf8') => string;

/** The policy file with the words in `messages`, in place of the names of the files that hold them. */
export function includeMessages(path: string, file: unknown, read: Read): { file: unknown; issues: readonly Issue[] } {
  const { messages } = (file ?? {}) as { messages?: unknown };
  if (typeof messages !== 'object' || messages === null || Array.isArray(messages)) return { file, issues: [] };
  const included = Object.entries(messages).map(([language, name]) => {
    if (typeof name !== 'string') return { language, words: null, issues: [] };
    const place = isAbsolute(name) ? name : join(dirname(path), name);
    return { language, ...readMessages(language, place, read) };
  });
  const words = Object.fromEntries(included.map((each) => [each.language, each.words]));
  return { file: { ...(file as object), messages: words }, issues: included.flatMap(({ issues }) => issues) };
}

function readMessages(language: string, place: string, read: Read) {
  try {
    const { messages, issues } = checkMessageFile(language, read(place, 'utf8'));
    return {
      words: messages,
      issues: issues.map(({ line, sentence }) => ({ where: `${place} › line ${line}`, sentence })),
    };
  } catch {
    return { words: {}, issues: [{ where: place, sentence: 'cannot be read, and `messages` names it' }] };
  }
}
