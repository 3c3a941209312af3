import type { Problem } from './config-error.ts';
import type { ReadFile } from './read-policy-file.ts';

/** What is wrong with the text of a file of signing keys; says none of it. */
export type JudgeSigningKeys = (text: string) => readonly string[];

export function findSigningKeysMistakes(
  file: string | undefined,
  readFile: ReadFile,
  judge: JudgeSigningKeys | undefined,
): Problem[] {
  if (file === undefined || !judge) return [];
  const mistakes = judgeFile(file, readFile, judge);
  return mistakes.map((sentence) => ({ where: 'SIGNING_KEYS_FILE', sentence }));
}

function judgeFile(file: string, readFile: ReadFile, judge: JudgeSigningKeys): readonly string[] {
  let text: string;
  try {
    text = readFile(file, 'utf8');
  } catch {
    return [`names a file that cannot be read: ${file}`];
  }
  return judge(text);
}
