import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { childEnvironment } from './child-environment.ts';

interface Surroundings {
  readonly input?: string;
  readonly env?: Record<string, string>;
}

/** A command of the command line, as an operator types it: what it said, what it complained of, and how it ended. */
export async function runCommand(words: readonly string[], { input = '', env = {} }: Surroundings = {}) {
  const secret = { STORE_SECRET: 'a secret that only tests may know' };
  const args = ['--disable-warning=ExperimentalWarning', 'src/cli/main.ts', ...words];
  const child = spawn(process.execPath, args, { env: { ...childEnvironment, ...secret, ...env } });
  child.stdin.end(input);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [said, complained, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { said, complained, code };
}

/** What a command answers that refuses in these words. */
export const complaint = (complained: unknown) => ({ code: 1, said: '', complained });
