import { dirname, isAbsolute, join } from 'node:path';
import type { ReadFile } from './read-policy-file.ts';

interface Included {
  /** The policy file, with the content of the files that it names in place of their names. */
  readonly file: unknown;
  /** What could not be had, and stands there no more. */
  readonly missing: readonly Missing[];
}

interface Missing {
  readonly member: readonly PropertyKey[];
  readonly sentence: string;
}

/** Files beside the policy file: `clientDocuments.pinned` may name one, and each `logo` of `clients`. */
export function includeFiles(path: string, file: unknown, readFile: ReadFile): Included {
  const read: ReadFile = (name, encoding) => readFile(isAbsolute(name) ? name : join(dirname(path), name), encoding);
  const pinned = includePinnedDocuments(file, read);
  const logos = includeLogos(pinned.file, read);
  return { file: logos.file, missing: [...pinned.missing, ...logos.missing] };
}

function includePinnedDocuments(file: unknown, read: ReadFile): Included {
  const section = memberOf(file, 'clientDocuments');
  const name = memberOf(section, 'pinned');
  if (typeof name !== 'string') return { file, missing: [] };
  const withPinned = (pinned: unknown) => ({
    ...(file as object),
    clientDocuments: { ...(section as object), pinned },
  });
  try {
    return { file: withPinned(JSON.parse(read(name, 'utf8'))), missing: [] };
  } catch (error) {
    const what = error instanceof SyntaxError ? 'is not valid JSON' : 'cannot be read';
    const sentence = `names a file that ${what}: ${name}`;
    return { file: withPinned([]), missing: [{ member: ['clientDocuments', 'pinned'], sentence }] };
  }
}

/** As data URLs, without a type: what it is, its bytes say. */
function includeLogos(file: unknown, read: ReadFile): Included {
  const clients = memberOf(file, 'clients');
  if (!Array.isArray(clients)) return { file, missing: [] };
  const missing: Missing[] = [];
  const including = clients.map((client, index) => {
    const logo = memberOf(client, 'logo');
    if (typeof logo !== 'string' || logo === '' || logo.startsWith('data:')) return client;
    try {
      return { ...client, logo: `data:;base64,${read(logo, 'base64')}` };
    } catch {
      missing.push({ member: ['clients', index, 'logo'], sentence: `names a file that cannot be read: ${logo}` });
      const { logo: _none, ...rest } = client;
      return rest;
    }
  });
  return { file: { ...(file as object), clients: including }, missing };
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
