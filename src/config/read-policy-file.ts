import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { environmentSchema, type Variables } from './environment.ts';
import { includeFiles } from './included-files.ts';
import { formatPath, type Issue, issuesOf, type Parsed } from './issues.ts';
import { includeMessages } from './message-files.ts';
import { type PolicyFile, policyFileSchema } from './policy-file.ts';
import { isProduction } from './production.ts';

export type ReadFile = (path: string, encoding: 'utf8' | 'base64') => string;

export const readFromDisk: ReadFile = (path, encoding) => readFileSync(path, encoding);

const shippedFile = fileURLToPath(new URL('../../config/auth.json', import.meta.url));

/** Development needs no setting: where no file is named, and none is at the usual place, the shipped one counts. */
export function findPolicyFile(set: Variables, readFile: ReadFile): string {
  const path = environmentSchema.shape.CONFIG_FILE.parse(set.CONFIG_FILE);
  // In production a file that was forgotten must not become somebody else's resources and roles.
  if (set.CONFIG_FILE !== undefined || isProduction(set)) return path;
  try {
    readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return shippedFile;
  }
  return path;
}

export function readPolicyFile(path: string, readFile: ReadFile): Parsed<PolicyFile> {
  const place = (member: readonly PropertyKey[]) => (member.length === 0 ? path : `${path} › ${formatPath(member)}`);
  let written: unknown;
  try {
    // Some editors begin a file with a byte order mark, which is not JSON (RFC 8259 §8.1).
    written = JSON.parse(readFile(path, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    return { issues: [unreadable(path, error)] };
  }
  const { file: spoken, issues: said } = includeMessages(path, written, readFile);
  const { file, missing } = includeFiles(path, spoken, readFile);
  const { data, error } = policyFileSchema.safeParse(file, { reportInput: true });
  const unread = missing.map(({ member, sentence }) => ({ where: place(member), sentence }));
  return { data, issues: [...issuesOf(policyFileSchema, error, place), ...unread, ...said] };
}

function unreadable(path: string, error: unknown): Issue {
  if (error instanceof SyntaxError) return { where: path, sentence: `is not valid JSON${lineOf(error)}` };
  return { where: 'CONFIG_FILE', sentence: `names a file that cannot be read: ${path}` };
}

// The message of JSON.parse quotes the file, and the file may hold a client's secret: only the place is repeated.
function lineOf(error: SyntaxError): string {
  const place = /\(line (\d+) column (\d+)\)$/.exec(error.message);
  return place
    ? `: see line ${place[1]}, column ${place[2]}`
    : ': look for a comma, quote or brace too many or too few';
}
