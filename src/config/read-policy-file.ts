import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findClientMistakes, type JudgeClient } from './client-checks.ts';
import type { Policy } from './config.ts';
import type { Problem, Reading } from './config-error.ts';
import { environmentSchema, type Variables } from './environment.ts';
import { findUnknownGatewayClients } from './gateway-clients.ts';
import { includePinnedDocuments } from './pinned-documents.ts';
import { findIdlePatterns } from './policy-checks.ts';
import { policyFileSchema, toPolicy } from './policy-file.ts';
import { formatPath, problemsOf } from './problems.ts';
import { isProduction } from './production.ts';
import { findUnknownRequestScopes } from './request-scope-checks.ts';

export type ReadFile = (path: string, encoding: 'utf8') => string;

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

export function readPolicyFile(path: string, readFile: ReadFile, judgeClient: JudgeClient): Reading<Policy> {
  const text = readText(path, readFile);
  if (text === undefined)
    return failure({ where: 'CONFIG_FILE', sentence: `names a file that cannot be read: ${path}` });
  try {
    // Some editors begin a file with a byte order mark, which is not JSON (RFC 8259 §8.1).
    return readPolicy(path, JSON.parse(text.replace(/^\uFEFF/, '')), readFile, judgeClient);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return failure({ where: path, sentence: `is not valid JSON${lineOf(error)}` });
  }
}

function readPolicy(path: string, written: unknown, readFile: ReadFile, judgeClient: JudgeClient): Reading<Policy> {
  const { file, problems: unread } = includePinnedDocuments(path, written, readFile);
  const parsed = policyFileSchema.safeParse(file, { reportInput: true });
  const place = (member: readonly PropertyKey[]) => (member.length === 0 ? path : `${path} › ${formatPath(member)}`);
  const found = [
    ...findIdlePatterns(file),
    ...findUnknownGatewayClients(file),
    ...findUnknownRequestScopes(file),
    ...findClientMistakes(file, judgeClient),
  ];
  const idle = found.map((finding) => ({ where: place(finding.path), sentence: finding.sentence }));
  const problems = [...problemsOf(policyFileSchema, parsed.error?.issues ?? [], place), ...unread, ...idle];
  return { value: parsed.data && toPolicy(parsed.data), problems };
}

function readText(path: string, readFile: ReadFile): string | undefined {
  try {
    return readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}

// The message of JSON.parse quotes the file, and the file may hold a client's secret: only the place is repeated.
function lineOf(error: SyntaxError): string {
  const place = /\(line (\d+) column (\d+)\)$/.exec(error.message);
  return place
    ? `: see line ${place[1]}, column ${place[2]}`
    : ': look for a comma, quote or brace too many or too few';
}

function failure(problem: Problem): Reading<Policy> {
  return { value: undefined, problems: [problem] };
}
