import { dirname, isAbsolute, join } from 'node:path';
import type { Problem } from './config-error.ts';

type ReadFile = (path: string, encoding: 'utf8') => string;

interface WithPinned {
  readonly file: unknown;
  readonly problems: readonly Problem[];
}

/** The policy file with `clientDocuments.pinned` as a list, also where it names the file that holds the list. */
export function includePinnedDocuments(path: string, file: unknown, readFile: ReadFile): WithPinned {
  const section = memberOf(file, 'clientDocuments');
  const name = memberOf(section, 'pinned');
  if (typeof name !== 'string') return { file, problems: [] };
  const where = `${path} › clientDocuments.pinned`;
  try {
    const pinned: unknown = JSON.parse(readFile(isAbsolute(name) ? name : join(dirname(path), name), 'utf8'));
    return { file: { ...(file as object), clientDocuments: { ...(section as object), pinned } }, problems: [] };
  } catch (error) {
    const what = error instanceof SyntaxError ? 'is not valid JSON' : 'cannot be read';
    const without = { ...(file as object), clientDocuments: { ...(section as object), pinned: [] } };
    return { file: without, problems: [{ where, sentence: `names a file that ${what}: ${name}` }] };
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
